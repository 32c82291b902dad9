// A libnvidia-ml.so.1 without a driver behind it: what it answers, and when it hangs, fails or loses a GPU, stands
// in the scenario file that NEUROGRID_FAKE_NVML_SCENARIO names (README.md beside this file has the format).
//
// Built against the real header, so that every signature and struct is NVIDIA's. With -DFAKE_NVML_OLD it lacks the
// functions that drivers before the 470 series lack.
#define NVML_NO_UNVERSIONED_FUNC_DEFS
#include <nvml.h>

#include "scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static struct scenario scenario;
static int initialized;

static void sleep_seconds(double seconds) {
    // A hang without an end is none that time_t can count: asked to sleep that long, the kernel refuses at once.
    while (seconds > 1e9) pause();
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) != 0) {}
}

/// Sleeps until the span is over. Its end is looked for again and again where a trigger may move it.
static void hang(const struct rule *rule) {
    double now;
    while ((now = scenario_time(&scenario)) < rule->until) {
        double left = rule->until - now;
        sleep_seconds(scenario.trigger != NULL ? fmin(left, 0.01) : left);
    }
}

/// Lets the scenario hang, crash or fail this call; NVML_SUCCESS means: answer.
static nvmlReturn_t enter(const char *call, int gpu) {
    double now = scenario_time(&scenario);
    for (int index = 0; index < scenario.rule_count; index++) {
        const struct rule *rule = &scenario.rules[index];
        if (rule->kind != RULE_LOST && strcmp(rule->call, call) != 0) continue;
        if (rule->gpu != GPU_ANY && rule->gpu != gpu) continue;
        if (now < rule->from || now >= rule->until) continue;
        switch (rule->kind) {
        case RULE_HANG: hang(rule); break;
        case RULE_CRASH: abort();
        case RULE_FAIL: return (nvmlReturn_t)rule->code;
        case RULE_LOST: if (gpu >= 0) return NVML_ERROR_GPU_IS_LOST;
        }
    }
    return NVML_SUCCESS;
}

/// Handles are the GPUs' entries themselves.
static struct gpu *gpu_of(nvmlDevice_t device) {
    struct gpu *gpu = (struct gpu *)device;
    if (gpu < scenario.gpus || gpu >= scenario.gpus + scenario.gpu_count) return NULL;
    return gpu;
}

#define ENTER_DEVICE(result)                                                       \
    if (!initialized) return NVML_ERROR_UNINITIALIZED;                             \
    struct gpu *gpu = gpu_of(device);                                              \
    if (gpu == NULL || (result) == NULL) return NVML_ERROR_INVALID_ARGUMENT;       \
    nvmlReturn_t status = enter(__func__, (int)(gpu - scenario.gpus));             \
    if (status != NVML_SUCCESS) return status;

/// Answers with a value of the scenario; one that it does not give is not supported by the card.
#define ANSWER(key, type, result)                                                  \
    double value;                                                                  \
    if (!scenario_value(&scenario, gpu, key, &value)) return NVML_ERROR_NOT_SUPPORTED; \
    *(result) = (type)(value + 0.5);                                               \
    return NVML_SUCCESS;

static nvmlReturn_t copy(char *target, unsigned int size, const char *text) {
    if (strlen(text) >= size) return NVML_ERROR_INSUFFICIENT_SIZE;
    strcpy(target, text);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlInit_v2(void) {
    if (!initialized) {
        const char *path = getenv("NEUROGRID_FAKE_NVML_SCENARIO");
        if (path == NULL) return NVML_ERROR_DRIVER_NOT_LOADED;
        if (!scenario_load(&scenario, path)) return NVML_ERROR_UNKNOWN;
    }
    nvmlReturn_t status = enter(__func__, GPU_NONE);
    if (status == NVML_SUCCESS) initialized = 1;
    return status;
}

EXPORT nvmlReturn_t nvmlInitWithFlags(unsigned int flags) {
    (void)flags;
    return nvmlInit_v2();
}

EXPORT nvmlReturn_t nvmlShutdown(void) {
    initialized = 0;
    return NVML_SUCCESS;
}

EXPORT const char *nvmlErrorString(nvmlReturn_t result) {
    return result == NVML_SUCCESS ? "Success" : "an error of the scenario";
}

EXPORT nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length) {
    nvmlReturn_t status = enter(__func__, GPU_NONE);
    return status != NVML_SUCCESS ? status : copy(version, length, scenario.driver);
}

EXPORT nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *deviceCount) {
    if (!initialized) return NVML_ERROR_UNINITIALIZED;
    nvmlReturn_t status = enter(__func__, GPU_NONE);
    if (status == NVML_SUCCESS) *deviceCount = (unsigned int)scenario.gpu_count;
    return status;
}

EXPORT nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
    if (!initialized) return NVML_ERROR_UNINITIALIZED;
    if (index >= (unsigned int)scenario.gpu_count) return NVML_ERROR_INVALID_ARGUMENT;
    nvmlReturn_t status = enter(__func__, (int)index);
    if (status == NVML_SUCCESS) *device = (nvmlDevice_t)&scenario.gpus[index];
    return status;
}

EXPORT nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length) {
    ENTER_DEVICE(name)
    return copy(name, length, gpu->name);
}

EXPORT nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length) {
    ENTER_DEVICE(uuid)
    return copy(uuid, length, gpu->uuid);
}

EXPORT nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *pci) {
    ENTER_DEVICE(pci)
    memset(pci, 0, sizeof *pci);
    snprintf(pci->busId, sizeof pci->busId, "%s", gpu->pci);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) {
    ENTER_DEVICE(memory)
    double used = 0;
    if (gpu->memory <= 0) return NVML_ERROR_NOT_SUPPORTED;
    scenario_value(&scenario, gpu, VALUE_MEMORY_USED, &used);
    memory->total = (unsigned long long)gpu->memory;
    memory->used = (unsigned long long)used;
    memory->free = memory->total - memory->used;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *utilization) {
    ENTER_DEVICE(utilization)
    double busy, memory = 0;
    if (!scenario_value(&scenario, gpu, VALUE_UTILIZATION, &busy)) return NVML_ERROR_NOT_SUPPORTED;
    scenario_value(&scenario, gpu, VALUE_MEMORY_ACTIVITY, &memory);
    utilization->gpu = (unsigned int)(busy + 0.5);
    utilization->memory = (unsigned int)(memory + 0.5);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetTemperature(
    nvmlDevice_t device, nvmlTemperatureSensors_t sensorType, unsigned int *temp) {
    ENTER_DEVICE(temp)
    if (sensorType != NVML_TEMPERATURE_GPU) return NVML_ERROR_INVALID_ARGUMENT;
    ANSWER(VALUE_TEMPERATURE, unsigned int, temp)
}

EXPORT nvmlReturn_t nvmlDeviceGetTemperatureThreshold(
    nvmlDevice_t device, nvmlTemperatureThresholds_t thresholdType, unsigned int *temp) {
    ENTER_DEVICE(temp)
    if (thresholdType != NVML_TEMPERATURE_THRESHOLD_SLOWDOWN || gpu->slowdown <= 0) return NVML_ERROR_NOT_SUPPORTED;
    *temp = (unsigned int)gpu->slowdown;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *power) {
    ENTER_DEVICE(power)
    ANSWER(VALUE_POWER, unsigned int, power)
}

EXPORT nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *limit) {
    ENTER_DEVICE(limit)
    if (gpu->power_limit <= 0) return NVML_ERROR_NOT_SUPPORTED;
    *limit = (unsigned int)gpu->power_limit;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned int *clock) {
    ENTER_DEVICE(clock)
    if (type == NVML_CLOCK_SM) { ANSWER(VALUE_SM_CLOCK, unsigned int, clock) }
    if (type == NVML_CLOCK_MEM) { ANSWER(VALUE_MEMORY_CLOCK, unsigned int, clock) }
    return NVML_ERROR_NOT_SUPPORTED;
}

EXPORT nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device, unsigned long long *reasons) {
    ENTER_DEVICE(reasons)
    ANSWER(VALUE_THROTTLE, unsigned long long, reasons)
}

EXPORT nvmlReturn_t nvmlDeviceGetFanSpeed(nvmlDevice_t device, unsigned int *speed) {
    ENTER_DEVICE(speed)
    ANSWER(VALUE_FAN, unsigned int, speed)
}

EXPORT nvmlReturn_t nvmlDeviceGetTotalEccErrors(
    nvmlDevice_t device, nvmlMemoryErrorType_t errorType, nvmlEccCounterType_t counterType, unsigned long long *count) {
    ENTER_DEVICE(count)
    if (errorType != NVML_MEMORY_ERROR_TYPE_UNCORRECTED || counterType != NVML_VOLATILE_ECC) {
        return NVML_ERROR_NOT_SUPPORTED;
    }
    ANSWER(VALUE_UNCORRECTED, unsigned long long, count)
}

/// The processes of this moment, through a struct of any version: pid and memory come first in all of them.
#define ANSWER_PROCESSES(result)                                                   \
    if (infoCount == NULL) return NVML_ERROR_INVALID_ARGUMENT;                     \
    double now = scenario_time(&scenario);                                         \
    unsigned int found = 0, room = *infoCount;                                     \
    int number = (int)(gpu - scenario.gpus);                                       \
    for (int index = 0; index < scenario.process_count; index++) {                 \
        const struct process *process = &scenario.processes[index];                \
        if (process->gpu != GPU_ANY && process->gpu != number) continue;           \
        if (now < process->from || now >= process->until) continue;                \
        if (found < room) {                                                        \
            memset(&(result)[found], 0xFF, sizeof (result)[found]);                \
            (result)[found].pid = process->pid;                                    \
            (result)[found].usedGpuMemory = process->memory;                       \
        }                                                                          \
        found++;                                                                   \
    }                                                                              \
    *infoCount = found;                                                            \
    return found > room ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;

EXPORT nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(
    nvmlDevice_t device, unsigned int *infoCount, nvmlProcessInfo_v1_t *infos) {
    ENTER_DEVICE(infos)
    ANSWER_PROCESSES(infos)
}

#ifndef FAKE_NVML_OLD
EXPORT nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v2(
    nvmlDevice_t device, unsigned int *infoCount, nvmlProcessInfo_v2_t *infos) {
    ENTER_DEVICE(infos)
    ANSWER_PROCESSES(infos)
}

EXPORT nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(
    nvmlDevice_t device, unsigned int *infoCount, nvmlProcessInfo_t *infos) {
    ENTER_DEVICE(infos)
    ANSWER_PROCESSES(infos)
}

EXPORT nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory) {
    ENTER_DEVICE(memory)
    double used = 0;
    if (memory->version != nvmlMemory_v2) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (gpu->memory <= 0) return NVML_ERROR_NOT_SUPPORTED;
    scenario_value(&scenario, gpu, VALUE_MEMORY_USED, &used);
    memory->total = (unsigned long long)gpu->memory;
    memory->reserved = 0;
    memory->used = (unsigned long long)used;
    memory->free = memory->total - memory->used;
    return NVML_SUCCESS;
}

/// The throttle reasons' new name, which the 11.8 header does not have yet.
EXPORT nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t device, unsigned long long *reasons) {
    ENTER_DEVICE(reasons)
    ANSWER(VALUE_THROTTLE, unsigned long long, reasons)
}
#endif
