#include "scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const key_names[VALUE_KEYS] = {
    "utilization", "memory_activity", "memory_used", "temperature", "power", "sm_clock", "memory_clock", "throttle",
    "fan", "uncorrected"};

static double now_on(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/// When the parent of this process was started: so a restarted child goes on where its predecessor stopped.
static double parent_start(void) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)getppid());
    FILE *file = fopen(path, "re");
    if (file == NULL) return now_on(CLOCK_BOOTTIME);
    size_t count = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[count] = 0;
    char *field = strrchr(text, ')');  // the name in front may hold anything
    unsigned long long ticks = 0;
    if (field != NULL) {
        sscanf(field + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks);
    }
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

double scenario_time(const struct scenario *scenario) {
    if (scenario->trigger == NULL) return now_on(CLOCK_BOOTTIME) - scenario->started;
    struct stat status;
    if (stat(scenario->trigger, &status) != 0) return -1;
    // The file's own time, so that every process tells the same.
    double written = (double)status.st_mtim.tv_sec + (double)status.st_mtim.tv_nsec / 1e9;
    return fmax(now_on(CLOCK_REALTIME) - written, 0);
}

/// The same for the same GPU, value and second, in every process.
static double noise_of(int gpu, int key, double time) {
    unsigned int bits = (unsigned int)gpu * 2654435761u ^ (unsigned int)key * 40503u ^ (unsigned int)time * 2246822519u;
    bits ^= bits >> 15;
    bits *= 2654435761u;
    bits ^= bits >> 13;
    return (double)(bits % 2001) / 1000.0 - 1.0;
}

int scenario_value(const struct scenario *scenario, const struct gpu *gpu, enum value_key key, double *value) {
    const struct series *series = &gpu->series[key];
    if (series->point_count == 0) return 0;
    double now = fmax(scenario_time(scenario), 0), time = now;
    if (series->repeat_seconds > 0) time = fmod(time, series->repeat_seconds);
    int after = 0;
    while (after < series->point_count && series->times[after] <= time) after++;
    double result;
    if (after == 0) {
        result = series->values[0];
    } else if (after == series->point_count || !series->is_linear) {
        result = series->values[after - 1];
    } else {
        double span = series->times[after] - series->times[after - 1];
        double part = (time - series->times[after - 1]) / span;
        result = series->values[after - 1] + part * (series->values[after] - series->values[after - 1]);
    }
    if (series->noise > 0) result += series->noise * noise_of((int)(gpu - scenario->gpus), key, now);
    *value = result < 0 ? 0 : result;
    return 1;
}

static int parse_gpu(const char *word, int *gpu) {
    if (strcmp(word, "*") == 0) { *gpu = GPU_ANY; return 1; }
    if (strcmp(word, "-") == 0) { *gpu = GPU_NONE; return 1; }
    char *end;
    long number = strtol(word, &end, 10);
    if (*word == 0 || *end != 0 || number < 0 || number >= MAX_GPUS) return 0;
    *gpu = (int)number;
    return 1;
}

static int parse_number(const char *word, double *number) {
    char *end;
    if (word == NULL) return 0;
    *number = strtod(word, &end);
    return *word != 0 && *end == 0;
}

/// `FROM FOR` at the line's end; without them, always.
static int parse_span(char **rest, double *from, double *until) {
    char *first = strtok_r(NULL, " \t", rest), *second = strtok_r(NULL, " \t", rest);
    double duration;
    *from = -INFINITY;
    *until = INFINITY;
    if (first != NULL && !parse_number(first, from)) return 0;
    if (second == NULL) return 1;
    if (!parse_number(second, &duration)) return 0;
    *until = *from + duration;
    return 1;
}

static int parse_set(struct scenario *scenario, char *rest) {
    char *word = strtok_r(NULL, " \t", &rest), *key = strtok_r(NULL, " \t", &rest);
    int which;
    if (word == NULL || key == NULL || !parse_gpu(word, &which) || rest == NULL) return 0;
    while (*rest == ' ' || *rest == '\t') rest++;
    for (int index = 0; index < scenario->gpu_count; index++) {
        struct gpu *gpu = &scenario->gpus[index];
        if (which != GPU_ANY && which != index) continue;
        if (strcmp(key, "name") == 0) snprintf(gpu->name, sizeof gpu->name, "%s", rest);
        else if (strcmp(key, "uuid") == 0) snprintf(gpu->uuid, sizeof gpu->uuid, "%s", rest);
        else if (strcmp(key, "pci") == 0) snprintf(gpu->pci, sizeof gpu->pci, "%s", rest);
        else if (strcmp(key, "memory") == 0) { if (!parse_number(rest, &gpu->memory)) return 0; }
        else if (strcmp(key, "power_limit") == 0) { if (!parse_number(rest, &gpu->power_limit)) return 0; }
        else if (strcmp(key, "slowdown") == 0) { if (!parse_number(rest, &gpu->slowdown)) return 0; }
        else return 0;
    }
    return 1;
}

static int parse_value(struct scenario *scenario, char *rest) {
    char *word = strtok_r(NULL, " \t", &rest), *name = strtok_r(NULL, " \t", &rest);
    char *shape = strtok_r(NULL, " \t", &rest);
    int which, key = 0;
    if (word == NULL || name == NULL || shape == NULL || !parse_gpu(word, &which)) return 0;
    while (key < VALUE_KEYS && strcmp(key_names[key], name) != 0) key++;
    if (key == VALUE_KEYS) return 0;
    struct series series = {0};
    series.is_linear = strcmp(shape, "linear") == 0;
    if (!series.is_linear && strcmp(shape, "step") != 0) return 0;
    for (char *item = strtok_r(NULL, " \t", &rest); item != NULL; item = strtok_r(NULL, " \t", &rest)) {
        if (strcmp(item, "repeat") == 0) {
            if (!parse_number(strtok_r(NULL, " \t", &rest), &series.repeat_seconds)) return 0;
        } else if (strcmp(item, "noise") == 0) {
            if (!parse_number(strtok_r(NULL, " \t", &rest), &series.noise)) return 0;
        } else {
            char *colon = strchr(item, ':');
            int place = series.point_count;
            if (colon == NULL || place == MAX_POINTS) return 0;
            *colon = 0;
            if (!parse_number(item, &series.times[place]) || !parse_number(colon + 1, &series.values[place])) return 0;
            if (place > 0 && series.times[place] <= series.times[place - 1]) return 0;
            series.point_count++;
        }
    }
    for (int index = 0; index < scenario->gpu_count; index++) {
        if (which == GPU_ANY || which == index) scenario->gpus[index].series[key] = series;
    }
    return series.point_count > 0;
}

static int parse_rule(struct scenario *scenario, const char *verb, char *rest) {
    if (scenario->rule_count == MAX_RULES) return 0;
    struct rule rule = {0};
    if (strcmp(verb, "lost") == 0) {
        rule.kind = RULE_LOST;
    } else {
        rule.kind = strcmp(verb, "hang") == 0 ? RULE_HANG : strcmp(verb, "crash") == 0 ? RULE_CRASH : RULE_FAIL;
        char *call = strtok_r(NULL, " \t", &rest);
        if (call == NULL) return 0;
        snprintf(rule.call, sizeof rule.call, "%s", call);
    }
    char *gpu = strtok_r(NULL, " \t", &rest);
    if (gpu == NULL || !parse_gpu(gpu, &rule.gpu)) return 0;
    if (rule.kind == RULE_FAIL) {
        double code;
        if (!parse_number(strtok_r(NULL, " \t", &rest), &code)) return 0;
        rule.code = (int)code;
    }
    if (!parse_span(&rest, &rule.from, &rule.until)) return 0;
    scenario->rules[scenario->rule_count++] = rule;
    return 1;
}

static int parse_process(struct scenario *scenario, char *rest) {
    char *gpu = strtok_r(NULL, " \t", &rest);
    double pid, memory;
    if (scenario->process_count == MAX_PROCESSES) return 0;
    struct process process = {0};
    if (gpu == NULL || !parse_gpu(gpu, &process.gpu)) return 0;
    if (!parse_number(strtok_r(NULL, " \t", &rest), &pid)) return 0;
    if (!parse_number(strtok_r(NULL, " \t", &rest), &memory)) return 0;
    process.pid = (unsigned int)pid;
    process.memory = (unsigned long long)memory;
    if (!parse_span(&rest, &process.from, &process.until)) return 0;
    scenario->processes[scenario->process_count++] = process;
    return 1;
}

static int parse_count(struct scenario *scenario, char *rest) {
    double count;
    if (!parse_number(strtok_r(NULL, " \t", &rest), &count) || count < 0 || count > MAX_GPUS) return 0;
    scenario->gpu_count = (int)count;
    for (int index = 0; index < scenario->gpu_count; index++) {
        struct gpu *gpu = &scenario->gpus[index];
        snprintf(gpu->name, sizeof gpu->name, "Fake GPU");
        snprintf(gpu->uuid, sizeof gpu->uuid, "GPU-00000000-fa4e-4000-8000-%012d", index);
        snprintf(gpu->pci, sizeof gpu->pci, "00000000:%02X:00.0", 0x10 + index);
    }
    return 1;
}

static int read_file(struct scenario *scenario, const char *path, int depth);

/// A file beside the one that includes it.
static int parse_include(struct scenario *scenario, const char *path, char *rest, int depth) {
    char beside[1024];
    const char *slash = strrchr(path, '/');
    int folder = slash != NULL ? (int)(slash - path) + 1 : 0;
    char *name = strtok_r(NULL, " \t", &rest);
    if (name == NULL) return 0;
    snprintf(beside, sizeof beside, "%.*s%s", folder, path, name);
    return read_file(scenario, beside, depth + 1);
}

static int parse_line(struct scenario *scenario, const char *path, char *line, int depth) {
    char *rest;
    char *verb = strtok_r(line, " \t", &rest);
    if (verb == NULL || *verb == '#') return 1;
    if (strcmp(verb, "driver") == 0) {
        snprintf(scenario->driver, sizeof scenario->driver, "%s", rest);
        return 1;
    }
    if (strcmp(verb, "include") == 0) return parse_include(scenario, path, rest, depth);
    if (strcmp(verb, "gpus") == 0) return parse_count(scenario, rest);
    if (strcmp(verb, "set") == 0) return parse_set(scenario, rest);
    if (strcmp(verb, "value") == 0) return parse_value(scenario, rest);
    if (strcmp(verb, "process") == 0) return parse_process(scenario, rest);
    if (strcmp(verb, "hang") == 0 || strcmp(verb, "fail") == 0 || strcmp(verb, "crash") == 0 ||
        strcmp(verb, "lost") == 0) {
        return parse_rule(scenario, verb, rest);
    }
    return 0;
}

static int read_file(struct scenario *scenario, const char *path, int depth) {
    FILE *file = depth < 8 ? fopen(path, "re") : NULL;
    if (file == NULL) {
        fprintf(stderr, "fake NVML: %s cannot be opened\n", path);
        return 0;
    }
    char line[2048], copy[2048];
    int number = 0, is_good = 1;
    while (is_good && fgets(line, sizeof line, file) != NULL) {
        number++;
        line[strcspn(line, "\r\n")] = 0;
        strcpy(copy, line);
        is_good = parse_line(scenario, path, line, depth);
        if (!is_good) fprintf(stderr, "fake NVML: %s:%d: not understood: %s\n", path, number, copy);
    }
    fclose(file);
    return is_good;
}

int scenario_load(struct scenario *scenario, const char *path) {
    // Fresh memory is zero already, and stays untouched where nothing is written.
    if (scenario->driver[0] != 0) memset(scenario, 0, sizeof *scenario);
    snprintf(scenario->driver, sizeof scenario->driver, "550.54.15");
    const char *start = getenv("NEUROGRID_FAKE_NVML_START");
    scenario->trigger = getenv("NEUROGRID_FAKE_NVML_TRIGGER");
    scenario->started =
        start != NULL ? now_on(CLOCK_BOOTTIME) - (now_on(CLOCK_REALTIME) - strtod(start, NULL)) : parent_start();
    return read_file(scenario, path, 0);
}
