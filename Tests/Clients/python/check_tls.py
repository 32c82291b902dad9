"""The coordinator over TLS, as Python's ssl and websockets see it. The certificates are made here."""

import contextlib
import datetime
import ipaddress
import os
import pathlib
import shutil
import signal
import socket
import ssl
import tempfile
import time
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from check_authentication import no_limits
from checks import Checks
from grid import Grid
from native import Client

check = Checks("tls")


class Authority:
    """Signs certificates for localhost."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of a check")])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        own = self.builder(self.name, self.key).add_extension(constraints, critical=True)
        self.file = self.folder / "authority.pem"
        self.file.write_bytes(self.sign(own))

    def builder(self, subject, key):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    def sign(self, builder):
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def issue(self, certificate, key):
        """Writes a server's certificate and key to these files."""
        fresh = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        certificate.write_bytes(
            self.sign(self.builder(subject, fresh).add_extension(names, False).add_extension(usage, False)))
        key.touch(mode=0o600)
        key.write_bytes(fresh.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    def context(self):
        return ssl.create_default_context(cafile=self.file)


class SecureGrid(Grid):
    """A grid whose coordinator speaks TLS, with one agent on it."""

    def __init__(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ng-tls-"))
        self.authority = Authority(folder)
        self.certificate, self.key = folder / "server.pem", folder / "server.key"
        self.authority.issue(self.certificate, self.key)
        super().__init__(
            limits=no_limits(), tls={"certificate": str(self.certificate), "private_key": str(self.key)})

    def __exit__(self, *error):
        super().__exit__(*error)
        shutil.rmtree(self.authority.folder, ignore_errors=True)

    def __enter__(self):
        super().__enter__()
        self.start_agent(environment={"NEUROGRID_CA_FILE": str(self.authority.file)})
        return self

    @property
    def url(self):
        return f"wss://localhost:{self.host_and_port[1]}/ws"

    @property
    def agent_url(self):
        return f"wss://localhost:{self.host_and_port[1]}"


@contextlib.contextmanager
def connection(grid, context=None, name="localhost", session=None):
    """A TLS connection whose handshake is done."""
    context = context or grid.authority.context()
    with socket.create_connection(grid.host_and_port, timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=name, session=session) as secure:
            yield secure


def ask_health(secure):
    secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = secure.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    return secure


def refusal(grid, context=None, name="localhost"):
    """The error that such a connection ends with."""
    try:
        with connection(grid, context, name) as secure:
            ask_health(secure)
    except ssl.SSLError as error:
        return error
    raise AssertionError("the connection came to be")


def words(error):
    """An error's text, whether OpenSSL's own words or the names of its constants."""
    return str(error).lower().replace("_", " ")


def of_version(grid, version):
    context = grid.authority.context()
    context.minimum_version = context.maximum_version = version
    return context


@check
async def events_flow(grid):
    async with Client(grid.url, ssl=grid.authority.context()) as client:
        await client.authenticate(grid.sign())
        await client.join("nodes")
        for _ in range(3):
            await client.expect("node_metrics")
        assert await client.is_alive()


@check
def versions_and_suites(grid):
    for version, name in [(ssl.TLSVersion.TLSv1_3, "TLSv1.3"), (ssl.TLSVersion.TLSv1_2, "TLSv1.2")]:
        with connection(grid, of_version(grid, version)) as secure:
            ask_health(secure)
            assert secure.version() == name, secure.version()
            suite = secure.cipher()[0]
            assert "GCM" in suite or "CHACHA20" in suite, suite
            assert name == "TLSv1.3" or suite.startswith("ECDHE-ECDSA"), suite
            assert secure.compression() is None


@check
def sessions_are_resumed(grid):
    for version in [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2]:
        context = of_version(grid, version)
        with connection(grid, context) as secure:
            assert not secure.session_reused
            session = ask_health(secure).session
        assert session.has_ticket, version
        with connection(grid, context, session=session) as secure:
            ask_health(secure)
            assert secure.session_reused, version


@check
def the_application_protocol_is_http(grid):
    context = grid.authority.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with connection(grid, context) as secure:
        assert secure.selected_alpn_protocol() == "http/1.1"
    context.set_alpn_protocols(["h2"])
    error = refusal(grid, context)
    assert "no application protocol" in words(error), error


@check
def old_versions_are_refused(grid):
    for version in [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1]:
        with warnings.catch_warnings():
            # That they are deprecated is the point.
            warnings.simplefilter("ignore", DeprecationWarning)
            context = of_version(grid, version)
        context.set_ciphers("ALL:@SECLEVEL=0")
        error = refusal(grid, context)
        assert "protocol version" in words(error), error


@check
def weak_suites_are_refused(grid):
    for suite in [
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384",
    ]:
        context = of_version(grid, ssl.TLSVersion.TLSv1_2)
        context.set_ciphers(f"{suite}:@SECLEVEL=0")
        error = refusal(grid, context)
        assert "handshake failure" in words(error), (suite, error)


@check
def another_host_is_not_believed(grid):
    assert isinstance(refusal(grid, name="example.test"), ssl.SSLCertVerificationError)
    assert isinstance(refusal(grid, ssl.create_default_context()), ssl.SSLCertVerificationError)


@check
def a_name_nobody_knows_is_served_the_certificate(grid):
    context = grid.authority.context()
    context.check_hostname = False
    with connection(grid, context, name="example.test") as secure:
        ask_health(secure)


@check
def plain_text_is_closed_with_a_line(grid):
    def lines():
        return [line for line in grid.coordinator.log_text().splitlines() if "speaks HTTP without TLS" in line]

    # The line may be due to others of the same second; then the next second has it.
    begun = time.monotonic()
    tries = 0
    while (tries < 20 or not lines()) and time.monotonic() < begun + 10:
        tries += 1
        with socket.create_connection(grid.host_and_port, timeout=10) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            heard = b""
            with contextlib.suppress(ConnectionError):
                while piece := plain.recv(4096):
                    heard += piece
            assert b"HTTP" not in heard, heard
    assert 1 <= len(lines()) <= time.monotonic() - begun + 1 and len(lines()) < tries, lines()


@check
def the_last_answer_ends_with_a_goodbye(grid):
    with connection(grid) as secure:
        secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := secure.recv(4096):
            answer += piece
        # The end was a TLS goodbye, else recv would have raised.
        assert answer.startswith(b"HTTP/1.1 200"), answer


@check
def a_renewed_certificate_needs_no_restart(grid):
    with connection(grid) as old:
        first = ask_health(old).getpeercert(binary_form=True)
        grid.authority.issue(grid.certificate, grid.key)
        os.kill(grid.coordinator.process.pid, signal.SIGHUP)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with connection(grid) as secure:
                if ask_health(secure).getpeercert(binary_form=True) != first:
                    break
            time.sleep(0.05)
        else:
            raise AssertionError("the old certificate is still served")
        ask_health(old)


if __name__ == "__main__":
    check.run(SecureGrid)
