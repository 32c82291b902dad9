// The scenario of the fake NVML: what a machine's GPUs answer over time, read from a text file.
#pragma once

#define GPU_ANY (-1)
#define GPU_NONE (-2)
#define MAX_GPUS 64
#define MAX_POINTS 32
#define MAX_RULES 128
#define MAX_PROCESSES 256

enum value_key {
    VALUE_UTILIZATION, VALUE_MEMORY_ACTIVITY, VALUE_MEMORY_USED, VALUE_TEMPERATURE, VALUE_POWER, VALUE_SM_CLOCK,
    VALUE_MEMORY_CLOCK, VALUE_THROTTLE, VALUE_FAN, VALUE_UNCORRECTED, VALUE_KEYS
};

/// A value over time: steps or linear pieces through its points, repeated and made noisy where asked.
struct series {
    int point_count;
    int is_linear;
    double repeat_seconds;
    double noise;
    double times[MAX_POINTS];
    double values[MAX_POINTS];
};

struct gpu {
    char name[96];
    char uuid[80];
    char pci[32];
    double memory;
    double power_limit;
    double slowdown;
    struct series series[VALUE_KEYS];
};

/// Something that befalls a call (or a GPU) in a span of time.
struct rule {
    enum { RULE_HANG, RULE_FAIL, RULE_CRASH, RULE_LOST } kind;
    char call[64];
    int gpu;
    int code;
    double from;
    double until;
};

struct process {
    int gpu;
    unsigned int pid;
    unsigned long long memory;
    double from;
    double until;
};

struct scenario {
    char driver[80];
    double started;
    /// The file whose appearance begins the scenario; NULL where time runs by itself.
    const char *trigger;
    int gpu_count;
    struct gpu gpus[MAX_GPUS];
    int rule_count;
    struct rule rules[MAX_RULES];
    int process_count;
    struct process processes[MAX_PROCESSES];
};

/// Reads the file; 0, and a line on stderr, when it is not a scenario.
int scenario_load(struct scenario *scenario, const char *path);

/// Seconds since the scenario's start; -1 while a trigger that is to begin it is missing.
double scenario_time(const struct scenario *scenario);

/// The value at this moment; 0 when the scenario gives none.
int scenario_value(const struct scenario *scenario, const struct gpu *gpu, enum value_key key, double *value);
