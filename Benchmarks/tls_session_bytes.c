// What one server session of OpenSSL holds at rest, by the source file of OpenSSL that allocated it: one handshake with
// the options of Sources/Reactor/TLS, then one record each way, all allocations counted through
// CRYPTO_set_mem_functions.
//
//   cc -O1 -o .build/tls_session_bytes Benchmarks/tls_session_bytes.c -lssl -lcrypto
//   .build/tls_session_bytes CERTIFICATE.pem KEY.pem [1.2]
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Each block carries who asked for it; `counts` is set while the server's session is being worked on.
struct head {
    const char *file;
    size_t bytes;
    int counts;
    int pad[3];
};
enum { kinds = 256 };
static struct {
    const char *file;
    long bytes, blocks, room;
} table[kinds];
static int counting;

static void note(struct head *block, int sign) {
    if (!block->counts) return;
    for (int i = 0; i < kinds; i++) {
        if (table[i].file && strcmp(table[i].file, block->file) != 0) continue;
        table[i].file = block->file;
        table[i].bytes += sign * (long)block->bytes;
        table[i].blocks += sign;
        // glibc's own header, and its steps of 16: what the block would take without ours.
        table[i].room += sign * (long)((block->bytes + 8 + 15) / 16 * 16 < 32 ? 32 : (block->bytes + 8 + 15) / 16 * 16);
        return;
    }
}

static void *take(size_t bytes, const char *file, int line) {
    (void)line;
    if (bytes == 0) return NULL;
    struct head *block = malloc(sizeof *block + bytes);
    if (!block) return NULL;
    *block = (struct head){.file = file ? file : "?", .bytes = bytes, .counts = counting};
    note(block, 1);
    return block + 1;
}

static void give(void *pointer, const char *file, int line) {
    (void)file, (void)line;
    if (!pointer) return;
    struct head *block = (struct head *)pointer - 1;
    note(block, -1);
    free(block);
}

static void *change(void *pointer, size_t bytes, const char *file, int line) {
    void *fresh = take(bytes, file, line);
    if (fresh && pointer) {
        size_t old = ((struct head *)pointer - 1)->bytes;
        memcpy(fresh, pointer, old < bytes ? old : bytes);
        give(pointer, file, line);
    }
    return fresh;
}

static void require(int good, const char *what) {
    if (good) return;
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static SSL_CTX *context(const SSL_METHOD *method, int version) {
    SSL_CTX *made = SSL_CTX_new(method);
    require(made != NULL, "no context");
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
    if (version) SSL_CTX_set_max_proto_version(made, version);
    return made;
}

int main(int count, char **words) {
    require(CRYPTO_set_mem_functions(take, change, give), "too late to count");
    require(count >= 3, "usage: tls_session_bytes CERTIFICATE.pem KEY.pem [1.2]");
    int version = count > 3 ? TLS1_2_VERSION : 0;
    SSL_CTX *server_context = context(TLS_server_method(), 0), *client_context = context(TLS_client_method(), version);
    require(SSL_CTX_use_certificate_chain_file(server_context, words[1]) == 1, words[1]);
    require(SSL_CTX_use_PrivateKey_file(server_context, words[2], SSL_FILETYPE_PEM) == 1, words[2]);
    SSL_CTX_set_num_tickets(server_context, 1);
    // The first session also fills what all of them share; the second is counted.
    for (int round = 0; round < 2; round++) {
        BIO *at_server = NULL, *at_client = NULL;
        require(BIO_new_bio_pair(&at_server, 65536, &at_client, 65536) == 1, "no pair");
        SSL *client = SSL_new(client_context);
        SSL_set_bio(client, at_client, at_client);
        SSL_set_connect_state(client);
        counting = round;
        SSL *server = SSL_new(server_context);
        SSL_set_bio(server, at_server, at_server);
        SSL_set_accept_state(server);
        int done = 0;
        while (!done) {
            counting = 0;
            int here = SSL_do_handshake(client);
            counting = round;
            int there = SSL_do_handshake(server);
            done = here == 1 && there == 1;
        }
        char bytes[300] = {0};
        require(SSL_write(server, bytes, sizeof bytes) == sizeof bytes, "write");
        counting = 0;
        require(SSL_read(client, bytes, sizeof bytes) == sizeof bytes, "read");
        require(SSL_write(client, bytes, sizeof bytes) == sizeof bytes, "write back");
        counting = round;
        require(SSL_read(server, bytes, sizeof bytes) == sizeof bytes, "read back");
        counting = 0;
        if (round) printf("%s %s\n", SSL_get_version(server), SSL_get_cipher(server));
    }
    long bytes = 0, blocks = 0, room = 0;
    for (int i = 0; i < kinds && table[i].file; i++) {
        if (table[i].bytes == 0) continue;
        printf("%8ld bytes %4ld blocks %8ld with malloc's  %s\n", table[i].bytes, table[i].blocks, table[i].room,
               table[i].file);
        bytes += table[i].bytes, blocks += table[i].blocks, room += table[i].room;
    }
    printf("%8ld bytes %4ld blocks %8ld with malloc's  together\n", bytes, blocks, room);
    return 0;
}
