/*
 * A stand-in for NVIDIA's management library: a libnvidia-ml.so.1 that the unmodified nvidia-ml-py loads.
 *
 * What it answers stands in the scenario file that TFGPU_STANDIN_SCENARIO names. The file is read again
 * whenever it changes (modification time, size or inode), so a test changes the machine while a program
 * looks at it. Write it anew and rename it into place. README.md beside this file describes the lines.
 *
 * Signatures, error codes and structure layouts are those of NVIDIA's nvml.h.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))
#define MAX_DEVICES 32
#define MAX_MIG 8 /* per device: seven instances at most, and the device itself in slot 0 */
#define MAX_PROCESSES 256
#define MAX_RULES 64
#define MAX_CHANGES 256
#define LINE 512

enum {
    SUCCESS = 0,
    UNINITIALIZED = 1,
    INVALID_ARGUMENT = 2,
    NOT_SUPPORTED = 3,
    NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7,
    DRIVER_NOT_LOADED = 9,
    LIB_RM_VERSION_MISMATCH = 18,
    GPU_IS_LOST = 15,
    ARGUMENT_VERSION_MISMATCH = 25,
};

/* ------------------------------------------------------------------ the machine that is acted */

#define FIELDS(X) \
    X(CC_MAJOR, "cc.major") X(CC_MINOR, "cc.minor") \
    X(MEMORY_TOTAL, "memory.total") X(MEMORY_USED, "memory.used") X(MEMORY_RESERVED, "memory.reserved") \
    X(UTILIZATION_GPU, "utilization.gpu") X(UTILIZATION_MEMORY, "utilization.memory") \
    X(UTILIZATION_ENCODER, "utilization.encoder") X(UTILIZATION_DECODER, "utilization.decoder") \
    X(TEMPERATURE, "temperature") X(POWER, "power") X(POWER_LIMIT, "power.limit") \
    X(CLOCK_GRAPHICS, "clock.graphics") X(CLOCK_SM, "clock.sm") X(CLOCK_MEMORY, "clock.memory") \
    X(CLOCK_VIDEO, "clock.video") X(CLOCK_MAX_SM, "clock.max.sm") X(CLOCK_MAX_MEMORY, "clock.max.memory") \
    X(COMPUTE, "compute") X(THROTTLE, "throttle") X(FAN, "fan") X(PERFORMANCE, "performance") \
    X(ECC_CORRECTED, "ecc.corrected") X(ECC_UNCORRECTED, "ecc.uncorrected") \
    X(PCIE_TX, "pcie.tx") X(PCIE_RX, "pcie.rx") X(NVLINK_TX, "nvlink.tx") X(NVLINK_RX, "nvlink.rx") \
    X(PCIE_GENERATION, "pcie.generation") X(PCIE_WIDTH, "pcie.width") \
    X(NVLINK_LINKS, "nvlink.links") X(NVLINK_BYTES, "nvlink.bytes") \
    X(MINOR, "minor") X(ENERGY, "energy") X(MIG_MODE, "mig.mode") X(MIG_MAX, "mig.max") \
    X(MIG_INSTANCE, "mig.instance") X(GPM, "gpm") X(GPM_ACTIVE, "gpm.active")

#define AS_ENUM(name, text) name,
#define AS_TEXT(name, text) text,
enum field { FIELDS(AS_ENUM) FIELD_COUNT };
static const char *const field_names[] = {FIELDS(AS_TEXT)};

enum { COMPUTES = 1, DRAWS = 2, MPS = 4 };

struct process {
    unsigned pid;
    unsigned long long memory; /* all ones: not available */
    int kinds;
    unsigned gpu_instance, compute_instance;
};

struct sample { /* of what a process used, see give_samples */
    unsigned pid, percent;
    double age; /* seconds before the scenario was read, or < 0: taken all the time */
};

struct unit { /* a GPU (mig == 0) or a MIG instance of it */
    int device, mig;
    bool present;
    char uuid[96], name[96], pci[32];
    bool known[FIELD_COUNT];
    double value[FIELD_COUNT], growth[FIELD_COUNT]; /* growth: per second, for counters */
    struct process processes[MAX_PROCESSES];
    int process_count;
    struct sample samples[MAX_PROCESSES];
    int sample_count;
};

struct rule { /* what happens to calls of a function, on one unit or (device < 0) on all */
    enum { RULE_ERROR, RULE_HANG, RULE_HANG_ONE, RULE_DELAY } kind;
    char function[80];
    int device, mig;
    double value; /* error code, milliseconds, or whether a call hangs in it (RULE_HANG_ONE) */
};

struct change { /* a line that takes effect later */
    double after;             /* seconds since the file was read, or < 0 */
    unsigned long long calls; /* calls since the file was read */
    bool done;
    char line[LINE];
};

struct call { /* one per exported function that was called */
    const char *name;
    unsigned long long count;
    struct call *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct unit units[MAX_DEVICES][MAX_MIG];
static struct rule rules[MAX_RULES];
static int rule_count;
static struct change changes[MAX_CHANGES];
static int change_count;
static char driver_version[80];
static int cuda_version, process_struct_size, pcie_counter_bits;
static bool listed_at_init, listed[MAX_DEVICES]; /* devices as they were at the first nvmlInit */
static bool scenario_read, scenario_wrong, refused; /* refused: the kernel module wants another library */
static struct stat scenario_stat;
static double read_at, clock_ahead;
static unsigned long long calls_since_read, calls_total;
static uint64_t *shared_count;
static int initialized;
static struct call *called;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void sleep_seconds(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

/* ------------------------------------------------------------------ reading the scenario */

static void complain(const char *line)
{
    fprintf(stderr, "stand-in driver: this line of the scenario is not understood: %s\n", line);
    scenario_wrong = true;
}

static struct unit *unit_named(const char *text)
{
    int device = -1, mig = -1, length = 0;
    if (sscanf(text, "%d.%d%n", &device, &mig, &length) != 2)
        mig = -1, sscanf(text, "%d%n", &device, &length);
    if (device < 0 || device >= MAX_DEVICES || mig >= MAX_MIG - 1 || text[length])
        return NULL;
    return &units[device][mig + 1];
}

static bool read_process(struct unit *unit, const char *rest)
{
    char memory[32], kinds[32] = "compute";
    struct process process = {0, 0, 0, 0xFFFFFFFFu, 0xFFFFFFFFu};
    if (sscanf(rest, "%u %31s %31s %u %u", &process.pid, memory, kinds, &process.gpu_instance,
               &process.compute_instance) < 2 || unit->process_count == MAX_PROCESSES)
        return false;
    process.memory = strcmp(memory, "null") ? strtoull(memory, NULL, 10) : ~0ULL;
    if (strstr(kinds, "compute")) process.kinds |= COMPUTES;
    if (strstr(kinds, "graphics")) process.kinds |= DRAWS;
    if (strstr(kinds, "mps")) process.kinds |= MPS;
    if (!process.kinds)
        return false;
    unit->processes[unit->process_count++] = process;
    return true;
}

static bool read_sample(struct unit *unit, const char *rest)
{
    struct sample sample = {0, 0, -1};
    if (sscanf(rest, "%u %u %lf", &sample.pid, &sample.percent, &sample.age) < 2 ||
        unit->sample_count == MAX_PROCESSES)
        return false;
    unit->samples[unit->sample_count++] = sample;
    return true;
}

static void remove_process(struct unit *unit, unsigned pid)
{
    int kept = 0;
    for (int i = 0; i < unit->process_count; i++)
        if (unit->processes[i].pid != pid)
            unit->processes[kept++] = unit->processes[i];
    unit->process_count = kept;
}

static bool read_device(const char *rest)
{
    char which[16], key[40], value[LINE] = "";
    int at = 0;
    if (sscanf(rest, "%15s %39s %n", which, key, &at) < 2 || !at)
        return false;
    snprintf(value, sizeof value, "%s", rest + at);
    struct unit *unit = unit_named(which);
    if (!unit)
        return false;
    unit->present = true;
    if (!strcmp(key, "absent")) return unit->present = false, true;
    if (!strcmp(key, "uuid")) return snprintf(unit->uuid, sizeof unit->uuid, "%s", value), true;
    if (!strcmp(key, "name")) return snprintf(unit->name, sizeof unit->name, "%s", value), true;
    if (!strcmp(key, "pci")) return snprintf(unit->pci, sizeof unit->pci, "%s", value), true;
    if (!strcmp(key, "process")) return read_process(unit, value);
    if (!strcmp(key, "sample")) return read_sample(unit, value);
    if (!strcmp(key, "process.remove")) return remove_process(unit, (unsigned)atoi(value)), true;
    for (int i = 0; i < FIELD_COUNT; i++) {
        double number, growth = 0;
        if (strcmp(key, field_names[i]))
            continue;
        unit->known[i] = strcmp(value, "null") != 0;
        if (unit->known[i] && sscanf(value, "%lf %lf", &number, &growth) < 1)
            return false;
        if (unit->known[i])
            unit->value[i] = number, unit->growth[i] = growth;
        return true;
    }
    return false;
}

static bool read_rule(const char *word, const char *rest)
{
    char which[16] = "";
    struct rule rule = {RULE_ERROR, "", -1, 0, 0};
    if (rule_count == MAX_RULES)
        return false;
    if (!strncmp(word, "hang", 4)) {
        rule.kind = strcmp(word, "hang") ? RULE_HANG_ONE : RULE_HANG;
        if (sscanf(rest, "%79s %15s", rule.function, which) < 1)
            return false;
    } else {
        rule.kind = strcmp(word, "delay") ? RULE_ERROR : RULE_DELAY;
        if (sscanf(rest, "%79s %lf %15s", rule.function, &rule.value, which) < 2)
            return false;
    }
    if (*which) {
        struct unit *unit = unit_named(which);
        if (!unit)
            return false;
        rule.device = unit->device, rule.mig = unit->mig;
    }
    rules[rule_count++] = rule;
    return true;
}

static void remove_rules(const char *function)
{
    int kept = 0;
    for (int i = 0; i < rule_count; i++)
        if (strcmp(rules[i].function, function))
            rules[kept++] = rules[i];
    rule_count = kept;
}

static bool read_later(const char *word, const char *rest)
{
    int at = 0;
    double number;
    if (change_count == MAX_CHANGES || sscanf(rest, "%lf %n", &number, &at) != 1 || !at)
        return false;
    struct change *change = &changes[change_count++];
    change->after = strcmp(word, "after") ? -1 : number;
    change->calls = strcmp(word, "calls") ? 0 : (unsigned long long)number;
    change->done = false;
    snprintf(change->line, sizeof change->line, "%s", rest + at);
    return true;
}

/* The name of this library's file. */
static const char *own_name(void)
{
    Dl_info info;
    const char *path = dladdr(&lock, &info) && info.dli_fname ? info.dli_fname : "";
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void read_line(const char *line)
{
    char word[40];
    int at = 0;
    if (sscanf(line, "%39s %n", word, &at) < 1 || *word == '#')
        return;
    const char *rest = at ? line + at : "";
    bool understood;
    if (!strcmp(word, "driver"))
        understood = snprintf(driver_version, sizeof driver_version, "%s", rest) > 0;
    else if (!strcmp(word, "cuda"))
        understood = (cuda_version = atoi(rest)) > 0;
    else if (!strcmp(word, "process-struct"))
        understood = (process_struct_size = atoi(rest)) == 24 || process_struct_size == 32;
    else if (!strcmp(word, "refuse"))
        understood = *rest, refused = !strcmp(rest, own_name());
    else if (!strcmp(word, "pcie-counter"))
        understood = (pcie_counter_bits = atoi(rest)) == 32 || pcie_counter_bits == 64;
    else if (!strcmp(word, "clock"))
        understood = sscanf(rest, "%lf", &clock_ahead) == 1;
    else if (!strcmp(word, "listed"))
        understood = listed_at_init = !strcmp(rest, "at-init");
    else if (!strcmp(word, "device"))
        understood = read_device(rest);
    else if (!strcmp(word, "error") || !strcmp(word, "hang") || !strcmp(word, "hang-one") ||
             !strcmp(word, "delay"))
        understood = read_rule(word, rest);
    else if (!strcmp(word, "clear"))
        understood = true, remove_rules(rest);
    else if (!strcmp(word, "after") || !strcmp(word, "calls"))
        understood = read_later(word, rest);
    else
        understood = false;
    if (!understood)
        complain(line);
}

static void forget(void)
{
    memset(units, 0, sizeof units);
    for (int device = 0; device < MAX_DEVICES; device++)
        for (int mig = 0; mig < MAX_MIG; mig++)
            units[device][mig].device = device, units[device][mig].mig = mig;
    rule_count = change_count = cuda_version = 0;
    clock_ahead = 0;
    process_struct_size = 24;
    pcie_counter_bits = 32;
    listed_at_init = refused = false;
    driver_version[0] = 0;
    scenario_wrong = false;
    read_at = now();
    calls_since_read = 0;
}

static void read_scenario(const char *path)
{
    char line[LINE];
    forget();
    FILE *file = fopen(path, "re");
    scenario_read = file != NULL;
    if (!file)
        return;
    fstat(fileno(file), &scenario_stat);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        read_line(line);
    }
    fclose(file);
}

/* Reads the scenario where it is new, and applies the changes that are due. */
static void refresh(void)
{
    static const char *path;
    static bool fixed;
    struct stat found;
    if (!path) {
        path = getenv("TFGPU_STANDIN_SCENARIO");
        path = path ? path : "";
        fixed = getenv("TFGPU_STANDIN_FIXED") != NULL; /* benchmarks: read once, ask the disk no more */
    }
    if (!(fixed && scenario_read)) {
        if (stat(path, &found) != 0)
            scenario_read = false;
        else if (!scenario_read || found.st_ino != scenario_stat.st_ino ||
                 found.st_size != scenario_stat.st_size ||
                 found.st_mtim.tv_sec != scenario_stat.st_mtim.tv_sec ||
                 found.st_mtim.tv_nsec != scenario_stat.st_mtim.tv_nsec)
            read_scenario(path);
    }
    for (int i = 0; i < change_count; i++) {
        struct change *change = &changes[i];
        bool due = change->after >= 0 ? now() - read_at >= change->after : calls_since_read > change->calls;
        if (due && !change->done) {
            change->done = true;
            read_line(change->line);
        }
    }
}

/* ------------------------------------------------------------------ what every call goes through */

static void count_call(struct call *call)
{
    if (!call->count++)
        call->next = called, called = call;
    calls_total++;
    calls_since_read++;
    if (!shared_count) { /* TFGPU_STANDIN_CALLS: a file with the calls of all processes, 64 bits */
        static uint64_t nowhere;
        const char *path = getenv("TFGPU_STANDIN_CALLS");
        int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
        shared_count = &nowhere;
        if (file >= 0 && ftruncate(file, sizeof(uint64_t)) == 0) {
            void *mapped = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            if (mapped != MAP_FAILED)
                shared_count = mapped;
        }
        if (file >= 0)
            close(file);
    }
    __atomic_add_fetch(shared_count, 1, __ATOMIC_RELAXED);
}

/* A rule's function is the whole name, the name without its version (_v2), or * for every call on a device. */
static bool rule_fits(const struct rule *rule, const char *function, const struct unit *unit)
{
    size_t length = strlen(rule->function);
    if (rule->device >= 0 && (!unit || unit->device != rule->device || unit->mig != rule->mig))
        return false;
    if (!strcmp(rule->function, "*"))
        return unit != NULL;
    if (strncmp(rule->function, function, length))
        return false;
    const char *tail = function + length;
    return !*tail || !strcmp(tail, "_v2") || !strcmp(tail, "_v3") || !strcmp(tail, "WithFlags");
}

static struct rule *rule_for(int kind, const char *function, const struct unit *unit)
{
    for (int i = rule_count - 1; i >= 0; i--)
        if ((int)rules[i].kind == kind && rule_fits(&rules[i], function, unit))
            return &rules[i];
    return NULL;
}

/* Returns an error code, or SUCCESS with the lock held. */
static int begin(struct call *call, bool starts, struct unit *unit)
{
    pthread_mutex_lock(&lock);
    count_call(call);
    refresh();
    struct rule *rule = rule_for(RULE_DELAY, call->name, unit);
    double pause = rule ? rule->value / 1e3 : 0;
    if (pause > 0) {
        pthread_mutex_unlock(&lock);
        sleep_seconds(pause);
        pthread_mutex_lock(&lock);
    }
    bool hangs = false;
    rule = rule_for(RULE_HANG_ONE, call->name, unit);
    if (rule && !rule->value)
        rule->value = hangs = true;
    while (rule_for(RULE_HANG, call->name, unit) ||
           (hangs && rule_for(RULE_HANG_ONE, call->name, unit))) { /* until the scenario no longer says so */
        pthread_mutex_unlock(&lock);
        sleep_seconds(0.005);
        pthread_mutex_lock(&lock);
        refresh();
    }
    rule = rule_for(RULE_ERROR, call->name, unit);
    int code = SUCCESS;
    if (!scenario_read)
        code = DRIVER_NOT_LOADED;
    else if (scenario_wrong)
        code = INVALID_ARGUMENT;
    else if (refused)
        code = LIB_RM_VERSION_MISMATCH;
    else if (!starts && initialized <= 0)
        code = UNINITIALIZED;
    else if (rule)
        code = (int)rule->value;
    else if (unit && !unit->present)
        code = GPU_IS_LOST;
    if (code)
        pthread_mutex_unlock(&lock);
    return code;
}

static int finish(int code)
{
    pthread_mutex_unlock(&lock);
    return code;
}

#define BEGIN_AS(name, starts, unit) \
    static struct call here = {#name, 0, NULL}; \
    int begun = begin(&here, starts, unit); \
    if (begun) return begun
#define BEGIN(name, unit) BEGIN_AS(name, false, unit)

static double field(const struct unit *unit, enum field which)
{
    return unit->value[which] + unit->growth[which] * (now() - read_at);
}

#define GET_NUMBER(name, type, which) \
    API int name(struct unit *unit, type *out) \
    { \
        BEGIN(name, unit); \
        if (!unit->known[which]) return finish(NOT_SUPPORTED); \
        *out = (type)field(unit, which); \
        return finish(SUCCESS); \
    }

static int give_text(const char *text, char *out, unsigned size)
{
    if (!*text) return NOT_SUPPORTED;
    if (strlen(text) + 1 > size) return INSUFFICIENT_SIZE;
    strcpy(out, text);
    return SUCCESS;
}

/* ------------------------------------------------------------------ the library as a whole */

static bool is_listed(int device)
{
    return listed_at_init ? listed[device] : units[device][0].present;
}

static int start(void)
{
    for (int i = 0; i < MAX_DEVICES && !initialized; i++)
        listed[i] = units[i][0].present;
    initialized++;
    return finish(SUCCESS);
}

API int nvmlInit(void) { BEGIN_AS(nvmlInit, true, NULL); return start(); }
API int nvmlInit_v2(void) { BEGIN_AS(nvmlInit_v2, true, NULL); return start(); }
API int nvmlInitWithFlags(unsigned flags) { (void)flags; BEGIN_AS(nvmlInitWithFlags, true, NULL); return start(); }

API int nvmlShutdown(void)
{
    BEGIN(nvmlShutdown, NULL);
    initialized--;
    return finish(SUCCESS);
}

API const char *nvmlErrorString(int code)
{
    static const char *const texts[] = {
        "Success", "Uninitialized", "Invalid Argument", "Not Supported", "Insufficient Permissions",
        "Already Initialized", "Not Found", "Insufficient Size", "Insufficient External Power",
        "Driver Not Loaded", "Timeout", "Interrupt Request Issue", "NVML Shared Library Not Found",
        "Function Not Found", "Corrupted infoROM", "GPU is lost", "GPU requires reset",
        "GPU access blocked by the operating system", "Driver/library version mismatch",
    };
    return code >= 0 && code < (int)(sizeof texts / sizeof *texts) ? texts[code] : "Unknown Error";
}

API int nvmlSystemGetDriverVersion(char *out, unsigned size)
{
    BEGIN(nvmlSystemGetDriverVersion, NULL);
    return finish(give_text(driver_version, out, size));
}

API int nvmlSystemGetNVMLVersion(char *out, unsigned size)
{
    char text[96];
    BEGIN(nvmlSystemGetNVMLVersion, NULL);
    snprintf(text, sizeof text, "%d.%s", cuda_version / 1000, driver_version);
    return finish(give_text(text, out, size));
}

static int give_cuda(int *out)
{
    if (!cuda_version) return finish(NOT_SUPPORTED);
    *out = cuda_version;
    return finish(SUCCESS);
}

API int nvmlSystemGetCudaDriverVersion(int *out) { BEGIN(nvmlSystemGetCudaDriverVersion, NULL); return give_cuda(out); }
API int nvmlSystemGetCudaDriverVersion_v2(int *out) { BEGIN(nvmlSystemGetCudaDriverVersion_v2, NULL); return give_cuda(out); }

/* ------------------------------------------------------------------ devices and their identity */

static int give_count(unsigned *out)
{
    *out = 0;
    for (int i = 0; i < MAX_DEVICES; i++)
        *out += is_listed(i);
    return finish(SUCCESS);
}

API int nvmlDeviceGetCount(unsigned *out) { BEGIN(nvmlDeviceGetCount, NULL); return give_count(out); }
API int nvmlDeviceGetCount_v2(unsigned *out) { BEGIN(nvmlDeviceGetCount_v2, NULL); return give_count(out); }

static struct unit *unit_at(unsigned index)
{
    struct unit *found = NULL;
    pthread_mutex_lock(&lock);
    refresh();
    for (unsigned i = 0, seen = 0; i < MAX_DEVICES && !found; i++)
        if (is_listed((int)i) && seen++ == index)
            found = &units[i][0];
    pthread_mutex_unlock(&lock);
    return found;
}

API int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct unit **out)
{
    struct unit *unit = unit_at(index);
    BEGIN(nvmlDeviceGetHandleByIndex_v2, unit);
    if (!unit) return finish(INVALID_ARGUMENT);
    *out = unit;
    return finish(SUCCESS);
}

API int nvmlDeviceGetHandleByIndex(unsigned index, struct unit **out)
{
    struct unit *unit = unit_at(index);
    BEGIN(nvmlDeviceGetHandleByIndex, unit);
    if (!unit) return finish(INVALID_ARGUMENT);
    *out = unit;
    return finish(SUCCESS);
}

API int nvmlDeviceGetHandleByUUID(const char *uuid, struct unit **out)
{
    BEGIN(nvmlDeviceGetHandleByUUID, NULL);
    for (int device = 0; device < MAX_DEVICES; device++)
        for (int mig = 0; mig < MAX_MIG; mig++)
            if (units[device][mig].present && !strcmp(units[device][mig].uuid, uuid)) {
                *out = &units[device][mig];
                return finish(SUCCESS);
            }
    return finish(NOT_FOUND);
}

API int nvmlDeviceGetIndex(struct unit *unit, unsigned *out)
{
    BEGIN(nvmlDeviceGetIndex, unit);
    if (unit->mig) {
        *out = (unsigned)unit->mig - 1;
        return finish(SUCCESS);
    }
    *out = 0;
    for (int i = 0; i < unit->device; i++)
        *out += units[i][0].present;
    return finish(SUCCESS);
}

API int nvmlDeviceGetMinorNumber(struct unit *unit, unsigned *out)
{
    BEGIN(nvmlDeviceGetMinorNumber, unit);
    const struct unit *gpu = &units[unit->device][0];
    *out = gpu->known[MINOR] ? (unsigned)gpu->value[MINOR] : (unsigned)unit->device;
    return finish(SUCCESS);
}

API int nvmlDeviceGetName(struct unit *unit, char *out, unsigned size)
{
    BEGIN(nvmlDeviceGetName, unit);
    return finish(give_text(unit->name, out, size));
}

API int nvmlDeviceGetUUID(struct unit *unit, char *out, unsigned size)
{
    BEGIN(nvmlDeviceGetUUID, unit);
    return finish(give_text(unit->uuid, out, size));
}

struct pci { char legacy[16]; unsigned domain, bus, device, device_id, subsystem_id; char bus_id[32]; };

static int give_pci(const struct unit *unit, struct pci *out)
{
    unsigned function = 0;
    memset(out, 0, sizeof *out);
    if (sscanf(unit->pci, "%x:%x:%x.%x", &out->domain, &out->bus, &out->device, &function) != 4)
        return finish(NOT_SUPPORTED);
    snprintf(out->legacy, sizeof out->legacy, "%04X:%02X:%02X.%u", out->domain & 0xFFFF, out->bus & 0xFF,
             out->device & 0xFF, function & 7);
    snprintf(out->bus_id, sizeof out->bus_id, "%08X:%02X:%02X.%u", out->domain, out->bus & 0xFF,
             out->device & 0xFF, function & 7);
    out->device_id = 0x20B010DEu; /* vendor 10de in the low half, as NVML has it */
    return finish(SUCCESS);
}

API int nvmlDeviceGetPciInfo_v3(struct unit *unit, struct pci *out) { BEGIN(nvmlDeviceGetPciInfo_v3, unit); return give_pci(unit, out); }
API int nvmlDeviceGetPciInfo_v2(struct unit *unit, struct pci *out) { BEGIN(nvmlDeviceGetPciInfo_v2, unit); return give_pci(unit, out); }
API int nvmlDeviceGetPciInfo(struct unit *unit, struct pci *out) { BEGIN(nvmlDeviceGetPciInfo, unit); return give_pci(unit, out); }

API int nvmlDeviceGetCudaComputeCapability(struct unit *unit, int *major, int *minor)
{
    BEGIN(nvmlDeviceGetCudaComputeCapability, unit);
    if (!unit->known[CC_MAJOR]) return finish(NOT_SUPPORTED);
    *major = (int)unit->value[CC_MAJOR];
    *minor = (int)unit->value[CC_MINOR];
    return finish(SUCCESS);
}

/* ------------------------------------------------------------------ figures */

struct memory { unsigned long long total, free, used; };
struct memory_v2 { unsigned version; unsigned long long total, reserved, free, used; };

static unsigned long long amount(const struct unit *unit, enum field which)
{
    return unit->known[which] ? (unsigned long long)field(unit, which) : 0;
}

/* "used" of the first version contains what is reserved, that of the second does not (nvml.h). */
API int nvmlDeviceGetMemoryInfo(struct unit *unit, struct memory *out)
{
    BEGIN(nvmlDeviceGetMemoryInfo, unit);
    if (!unit->known[MEMORY_TOTAL]) return finish(NOT_SUPPORTED);
    out->total = amount(unit, MEMORY_TOTAL);
    out->used = amount(unit, MEMORY_USED) + amount(unit, MEMORY_RESERVED);
    out->free = out->total - out->used;
    return finish(SUCCESS);
}

API int nvmlDeviceGetMemoryInfo_v2(struct unit *unit, struct memory_v2 *out)
{
    BEGIN(nvmlDeviceGetMemoryInfo_v2, unit);
    if (out->version != 0x02000028u) return finish(ARGUMENT_VERSION_MISMATCH);
    if (!unit->known[MEMORY_TOTAL]) return finish(NOT_SUPPORTED);
    out->total = amount(unit, MEMORY_TOTAL);
    out->reserved = amount(unit, MEMORY_RESERVED);
    out->used = amount(unit, MEMORY_USED);
    out->free = out->total - out->used - out->reserved;
    return finish(SUCCESS);
}

API int nvmlDeviceGetBAR1MemoryInfo(struct unit *unit, struct memory *out)
{
    BEGIN(nvmlDeviceGetBAR1MemoryInfo, unit);
    out->total = 256ULL << 20;
    out->used = 4ULL << 20;
    out->free = out->total - out->used;
    return finish(SUCCESS);
}

struct utilization { unsigned gpu, memory; };

API int nvmlDeviceGetUtilizationRates(struct unit *unit, struct utilization *out)
{
    BEGIN(nvmlDeviceGetUtilizationRates, unit);
    if (!unit->known[UTILIZATION_GPU]) return finish(NOT_SUPPORTED);
    out->gpu = (unsigned)unit->value[UTILIZATION_GPU];
    out->memory = unit->known[UTILIZATION_MEMORY] ? (unsigned)unit->value[UTILIZATION_MEMORY] : 0;
    return finish(SUCCESS);
}

static int give_codec(const struct unit *unit, enum field which, unsigned *out, unsigned *period)
{
    if (!unit->known[which]) return finish(NOT_SUPPORTED);
    *out = (unsigned)unit->value[which];
    *period = 167000;
    return finish(SUCCESS);
}

API int nvmlDeviceGetEncoderUtilization(struct unit *unit, unsigned *out, unsigned *period)
{
    BEGIN(nvmlDeviceGetEncoderUtilization, unit);
    return give_codec(unit, UTILIZATION_ENCODER, out, period);
}

API int nvmlDeviceGetDecoderUtilization(struct unit *unit, unsigned *out, unsigned *period)
{
    BEGIN(nvmlDeviceGetDecoderUtilization, unit);
    return give_codec(unit, UTILIZATION_DECODER, out, period);
}

API int nvmlDeviceGetTemperature(struct unit *unit, int sensor, unsigned *out)
{
    BEGIN(nvmlDeviceGetTemperature, unit);
    if (sensor != 0) return finish(INVALID_ARGUMENT);
    if (!unit->known[TEMPERATURE]) return finish(NOT_SUPPORTED);
    *out = (unsigned)field(unit, TEMPERATURE);
    return finish(SUCCESS);
}

struct temperature { unsigned version; int sensor, temperature; };

API int nvmlDeviceGetTemperatureV(struct unit *unit, struct temperature *out)
{
    BEGIN(nvmlDeviceGetTemperatureV, unit);
    if (out->version != 0x100000Cu) return finish(ARGUMENT_VERSION_MISMATCH);
    if (!unit->known[TEMPERATURE]) return finish(NOT_SUPPORTED);
    out->temperature = (int)field(unit, TEMPERATURE);
    return finish(SUCCESS);
}

GET_NUMBER(nvmlDeviceGetPowerUsage, unsigned, POWER)
GET_NUMBER(nvmlDeviceGetEnforcedPowerLimit, unsigned, POWER_LIMIT)
GET_NUMBER(nvmlDeviceGetPowerManagementLimit, unsigned, POWER_LIMIT)
GET_NUMBER(nvmlDeviceGetFanSpeed, unsigned, FAN)
GET_NUMBER(nvmlDeviceGetPerformanceState, int, PERFORMANCE)
GET_NUMBER(nvmlDeviceGetTotalEnergyConsumption, unsigned long long, ENERGY)
GET_NUMBER(nvmlDeviceGetCurrentClocksThrottleReasons, unsigned long long, THROTTLE)
GET_NUMBER(nvmlDeviceGetCurrentClocksEventReasons, unsigned long long, THROTTLE)

static int give_clock(const struct unit *unit, unsigned type, unsigned *out)
{
    if (type > 3) return finish(INVALID_ARGUMENT);
    if (!unit->known[CLOCK_GRAPHICS + type]) return finish(NOT_SUPPORTED);
    *out = (unsigned)unit->value[CLOCK_GRAPHICS + type];
    return finish(SUCCESS);
}

API int nvmlDeviceGetClockInfo(struct unit *unit, unsigned type, unsigned *out)
{
    BEGIN(nvmlDeviceGetClockInfo, unit);
    return give_clock(unit, type, out);
}

API int nvmlDeviceGetMaxClockInfo(struct unit *unit, unsigned type, unsigned *out)
{
    BEGIN(nvmlDeviceGetMaxClockInfo, unit);
    enum field which = type == 1 ? CLOCK_MAX_SM : type == 2 ? CLOCK_MAX_MEMORY : CLOCK_GRAPHICS + type;
    if (type > 3) return finish(INVALID_ARGUMENT);
    if (!unit->known[which]) return finish(NOT_SUPPORTED);
    *out = (unsigned)unit->value[which];
    return finish(SUCCESS);
}

API int nvmlDeviceGetTotalEccErrors(struct unit *unit, unsigned type, unsigned counter, unsigned long long *out)
{
    BEGIN(nvmlDeviceGetTotalEccErrors, unit);
    enum field which = type ? ECC_UNCORRECTED : ECC_CORRECTED;
    if (type > 1 || counter > 1) return finish(INVALID_ARGUMENT);
    if (!unit->known[which]) return finish(NOT_SUPPORTED);
    *out = (unsigned long long)field(unit, which);
    return finish(SUCCESS);
}

API int nvmlDeviceGetEccMode(struct unit *unit, unsigned *current, unsigned *pending)
{
    BEGIN(nvmlDeviceGetEccMode, unit);
    if (!unit->known[ECC_CORRECTED]) return finish(NOT_SUPPORTED);
    *current = *pending = 1;
    return finish(SUCCESS);
}

/* A real driver counts bytes over 20 ms here and answers in KB/s (nvml.h). */
API int nvmlDeviceGetPcieThroughput(struct unit *unit, unsigned counter, unsigned *out)
{
    sleep_seconds(0.020);
    BEGIN(nvmlDeviceGetPcieThroughput, unit);
    enum field which = counter ? PCIE_RX : PCIE_TX;
    if (!unit->known[which]) return finish(NOT_SUPPORTED);
    *out = (unsigned)(unit->growth[which] / 1000);
    return finish(SUCCESS);
}

struct field_value {
    unsigned id, scope;
    long long timestamp, latency;
    unsigned type;
    int code;
    union { double d; unsigned ui; unsigned long long ull; } value;
};

/* Whether the unit answers this field: of NVLink the links that it has, in KiB or (newer GPUs) in bytes. */
static bool has_field(const struct unit *unit, unsigned id, unsigned link)
{
    bool in_bytes = unit->known[NVLINK_BYTES] && unit->value[NVLINK_BYTES] > 0;
    bool has_link = unit->known[NVLINK_LINKS] && link < (unsigned)unit->value[NVLINK_LINKS];
    switch (id) {
    case 138: case 139: return has_link && !in_bytes;
    case 202: case 204: return has_link && in_bytes;
    default: return true;
    }
}

static void give_field_value(const struct unit *unit, struct field_value *out)
{
    static const struct { unsigned id; enum field which; } known[] = {
        {83, ENERGY}, {91, NVLINK_LINKS}, {138, NVLINK_TX}, {139, NVLINK_RX}, {186, POWER}, {197, PCIE_TX},
        {198, PCIE_RX}, {202, NVLINK_TX}, {204, NVLINK_RX},
    };
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    out->timestamp = time.tv_sec * 1000000LL + time.tv_nsec / 1000;
    out->latency = 0;
    out->type = 3; /* unsigned long long */
    out->code = NOT_SUPPORTED;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].id == out->id && unit->known[known[i].which] && has_field(unit, out->id, out->scope)) {
            unsigned long long value = (unsigned long long)field(unit, known[i].which);
            bool pcie = out->id == 197 || out->id == 198;
            if (pcie ? pcie_counter_bits == 32 : out->id == 186 || out->id == 91)
                out->type = 1, out->value.ui = (unsigned)value;
            else
                out->value.ull = value;
            out->code = SUCCESS;
        }
}

API int nvmlDeviceGetFieldValues(struct unit *unit, int count, struct field_value *values)
{
    BEGIN(nvmlDeviceGetFieldValues, unit);
    for (int i = 0; i < count; i++)
        give_field_value(unit, &values[i]);
    return finish(SUCCESS);
}

GET_NUMBER(nvmlDeviceGetMaxPcieLinkGeneration, unsigned, PCIE_GENERATION)
GET_NUMBER(nvmlDeviceGetMaxPcieLinkWidth, unsigned, PCIE_WIDTH)
GET_NUMBER(nvmlDeviceGetCurrPcieLinkGeneration, unsigned, PCIE_GENERATION)
GET_NUMBER(nvmlDeviceGetCurrPcieLinkWidth, unsigned, PCIE_WIDTH)

API int nvmlDeviceGetNvLinkVersion(struct unit *unit, unsigned link, unsigned *out)
{
    BEGIN(nvmlDeviceGetNvLinkVersion, unit);
    if (!unit->known[NVLINK_LINKS]) return finish(NOT_SUPPORTED);
    if (link >= (unsigned)unit->value[NVLINK_LINKS]) return finish(INVALID_ARGUMENT);
    *out = 5;
    return finish(SUCCESS);
}

API int nvmlDeviceGetNvLinkState(struct unit *unit, unsigned link, unsigned *out)
{
    BEGIN(nvmlDeviceGetNvLinkState, unit);
    if (!unit->known[NVLINK_LINKS]) return finish(NOT_SUPPORTED);
    if (link >= (unsigned)unit->value[NVLINK_LINKS]) return finish(INVALID_ARGUMENT);
    *out = 1;
    return finish(SUCCESS);
}

/* What other monitors ask for besides: a compute server's answers. */
#define GET_CONSTANT(name, value) \
    API int name(struct unit *unit, int *out) \
    { \
        BEGIN(name, unit); \
        *out = value; \
        return finish(SUCCESS); \
    }

GET_CONSTANT(nvmlDeviceGetDisplayActive, 0)
GET_CONSTANT(nvmlDeviceGetDisplayMode, 0)
GET_CONSTANT(nvmlDeviceGetPersistenceMode, 1)
GET_NUMBER(nvmlDeviceGetComputeMode, int, COMPUTE)

static int no_driver_model(void) { return finish(NOT_SUPPORTED); } /* Windows only */

API int nvmlDeviceGetDriverModel(struct unit *unit, int *current, int *pending)
{
    (void)current, (void)pending;
    BEGIN(nvmlDeviceGetDriverModel, unit);
    return no_driver_model();
}

API int nvmlDeviceGetDriverModel_v2(struct unit *unit, int *current, int *pending)
{
    (void)current, (void)pending;
    BEGIN(nvmlDeviceGetDriverModel_v2, unit);
    return no_driver_model();
}

/* ------------------------------------------------------------------ processes */

struct process_v1 { unsigned pid; unsigned long long memory; };
struct process_v2 { unsigned pid; unsigned long long memory; unsigned gpu_instance, compute_instance; };
/* What the third version wrote from 535.43 to 535.86: 32 bytes an entry. */
struct process_535 { struct process_v2 head; unsigned long long protected_memory; };

/* NVML's protocol: too small a buffer gets the number needed and INSUFFICIENT_SIZE, no process SUCCESS. */
static int give_processes(const struct unit *unit, int kind, size_t entry, unsigned *count, void *out)
{
    unsigned needed = 0, room = *count;
    for (int i = 0; i < unit->process_count; i++)
        needed += (unit->processes[i].kinds & kind) != 0;
    *count = needed;
    if (needed > room || (needed && !out))
        return finish(INSUFFICIENT_SIZE);
    char *at = out;
    for (int i = 0; i < unit->process_count; i++) {
        const struct process *process = &unit->processes[i];
        if (!(process->kinds & kind))
            continue;
        struct process_535 written = {
            {process->pid, process->memory, process->gpu_instance, process->compute_instance}, 0};
        memcpy(at, &written, entry);
        at += entry;
    }
    return finish(SUCCESS);
}

#define PROCESSES(name, kind, size) \
    API int name(struct unit *unit, unsigned *count, void *out) \
    { \
        BEGIN(name, unit); \
        return give_processes(unit, kind, size, count, out); \
    }

PROCESSES(nvmlDeviceGetComputeRunningProcesses, COMPUTES, sizeof(struct process_v1))
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v2, COMPUTES, sizeof(struct process_v2))
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v3, COMPUTES, (size_t)process_struct_size)
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses, DRAWS, sizeof(struct process_v1))
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses_v2, DRAWS, sizeof(struct process_v2))
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses_v3, DRAWS, (size_t)process_struct_size)
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses, MPS, sizeof(struct process_v1))
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses_v2, MPS, sizeof(struct process_v2))
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses_v3, MPS, (size_t)process_struct_size)

/* The two whose presence tells the drivers with 32-byte entries from the others. */
API int nvmlDeviceGetConfComputeMemSizeInfo(struct unit *unit, void *out)
{
    (void)out;
    BEGIN(nvmlDeviceGetConfComputeMemSizeInfo, unit);
    return finish(NOT_SUPPORTED);
}

API int nvmlDeviceGetRunningProcessDetailList(struct unit *unit, void *out)
{
    (void)out;
    BEGIN(nvmlDeviceGetRunningProcessDetailList, unit);
    return finish(NOT_SUPPORTED);
}

struct sample_out { unsigned pid; unsigned long long at; unsigned sm, memory, encoder, decoder; };

/* When the sample was taken, in microseconds since the epoch: six times a second, or once long ago. */
static unsigned long long sampled_at(const struct sample *sample)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    double at = (double)time.tv_sec + 1e-9 * (double)time.tv_nsec + clock_ahead;
    if (sample->age >= 0)
        return (unsigned long long)((at - (now() - read_at) - sample->age) * 1e6);
    return (unsigned long long)(at * 6) * 1000000ULL / 6;
}

/* Nothing sampled since the time asked for: NOT_FOUND, a normal answer of real drivers. A sample with an
 * age is given whatever was asked for, as some drivers do. */
API int nvmlDeviceGetProcessUtilization(struct unit *unit, struct sample_out *out, unsigned *count,
                                        unsigned long long since)
{
    BEGIN(nvmlDeviceGetProcessUtilization, unit);
    if (unit->mig || (unit->known[MIG_MODE] && unit->value[MIG_MODE] > 0)) return finish(NOT_SUPPORTED);
    unsigned found = 0, room = out ? *count : 0;
    for (int i = 0; i < unit->sample_count; i++) {
        const struct sample *sample = &unit->samples[i];
        unsigned long long at = sampled_at(sample);
        if (sample->age < 0 && at <= since)
            continue;
        if (found < room)
            out[found] = (struct sample_out){sample->pid, at, sample->percent, 0, 0, 0};
        found++;
    }
    *count = found;
    return finish(!found ? NOT_FOUND : found > room ? INSUFFICIENT_SIZE : SUCCESS);
}

/* ------------------------------------------------------------------ MIG */

API int nvmlDeviceGetMigMode(struct unit *unit, unsigned *current, unsigned *pending)
{
    BEGIN(nvmlDeviceGetMigMode, unit);
    if (unit->mig || !unit->known[MIG_MODE]) return finish(NOT_SUPPORTED);
    *current = *pending = (unsigned)unit->value[MIG_MODE];
    return finish(SUCCESS);
}

GET_NUMBER(nvmlDeviceGetMaxMigDeviceCount, unsigned, MIG_MAX)

API int nvmlDeviceGetMigDeviceHandleByIndex(struct unit *unit, unsigned index, struct unit **out)
{
    BEGIN(nvmlDeviceGetMigDeviceHandleByIndex, unit);
    if (unit->mig || index >= MAX_MIG - 1) return finish(INVALID_ARGUMENT);
    if (!units[unit->device][index + 1].present) return finish(NOT_FOUND);
    *out = &units[unit->device][index + 1];
    return finish(SUCCESS);
}

API int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(struct unit *unit, struct unit **out)
{
    BEGIN(nvmlDeviceGetDeviceHandleFromMigDeviceHandle, unit);
    if (!unit->mig) return finish(INVALID_ARGUMENT);
    *out = &units[unit->device][0];
    return finish(SUCCESS);
}

API int nvmlDeviceIsMigDeviceHandle(struct unit *unit, unsigned *out)
{
    BEGIN(nvmlDeviceIsMigDeviceHandle, unit);
    *out = unit->mig > 0;
    return finish(SUCCESS);
}

static unsigned gpu_instance(const struct unit *unit)
{
    return unit->known[MIG_INSTANCE] ? (unsigned)unit->value[MIG_INSTANCE] : (unsigned)unit->mig;
}

API int nvmlDeviceGetGpuInstanceId(struct unit *unit, unsigned *out)
{
    BEGIN(nvmlDeviceGetGpuInstanceId, unit);
    if (!unit->mig) return finish(INVALID_ARGUMENT);
    *out = gpu_instance(unit);
    return finish(SUCCESS);
}

API int nvmlDeviceGetComputeInstanceId(struct unit *unit, unsigned *out)
{
    BEGIN(nvmlDeviceGetComputeInstanceId, unit);
    if (!unit->mig) return finish(INVALID_ARGUMENT);
    *out = 0;
    return finish(SUCCESS);
}

/* Performance monitoring: samples of an instance's counters, and what happened between two of them. */
struct gpm_support { unsigned version, supported; };
struct gpm_sample { double at, active; }; /* active: percent times seconds, since the scenario was read */
struct gpm_metric { unsigned id; int code; double value; const char *names[3]; };
struct gpm_question { unsigned version, count; struct gpm_sample *first, *second; struct gpm_metric metrics[1]; };

API int nvmlGpmQueryDeviceSupport(struct unit *unit, struct gpm_support *out)
{
    BEGIN(nvmlGpmQueryDeviceSupport, unit);
    out->supported = unit->known[GPM] && unit->value[GPM] > 0;
    return finish(SUCCESS);
}

API int nvmlGpmSampleAlloc(struct gpm_sample **out)
{
    BEGIN(nvmlGpmSampleAlloc, NULL);
    *out = calloc(1, sizeof **out);
    return finish(SUCCESS);
}

API int nvmlGpmSampleFree(struct gpm_sample *sample)
{
    BEGIN(nvmlGpmSampleFree, NULL);
    free(sample);
    return finish(SUCCESS);
}

API int nvmlGpmMigSampleGet(struct unit *unit, unsigned instance, struct gpm_sample *out)
{
    BEGIN(nvmlGpmMigSampleGet, unit);
    for (int mig = 1; mig < MAX_MIG; mig++) {
        const struct unit *found = &units[unit->device][mig];
        if (!found->present || gpu_instance(found) != instance || !found->known[GPM_ACTIVE])
            continue;
        out->at = now();
        out->active = found->value[GPM_ACTIVE] * (out->at - read_at);
        return finish(SUCCESS);
    }
    return finish(NOT_SUPPORTED);
}

API int nvmlGpmMetricsGet(struct gpm_question *question)
{
    BEGIN(nvmlGpmMetricsGet, NULL);
    if (question->version != 1) return finish(ARGUMENT_VERSION_MISMATCH);
    struct gpm_metric *metric = &question->metrics[0];
    double seconds = question->second->at - question->first->at;
    metric->code = metric->id != 1 ? NOT_SUPPORTED : seconds < 0.1 ? INVALID_ARGUMENT : SUCCESS;
    metric->value = (question->second->active - question->first->active) / seconds;
    return finish(SUCCESS);
}

/* ------------------------------------------------------------------ for tests: what was called */

/* Calls of this process: of one function, or of all (NULL). Not part of NVML. */
API unsigned long long nvmlStandinCalls(const char *name)
{
    unsigned long long found = name ? 0 : calls_total;
    pthread_mutex_lock(&lock);
    for (struct call *call = called; name && call; call = call->next)
        if (!strcmp(call->name, name))
            found += call->count;
    pthread_mutex_unlock(&lock);
    return found;
}
