/*
 * A stand-in for the CUDA driver: a libcuda.so.1 with what a framework asks before it lists a GPU.
 *
 * TFGPU_STANDIN_CUDA holds the compute capabilities of the devices, as in "8.0,5.2"; without it the driver
 * answers "no device". Every device has 16 GiB and 80 multiprocessors. Nothing can be computed: what is not
 * here a program does not find, as with a driver that is too old for it.
 *
 * Signatures, error codes and attribute numbers are those of NVIDIA's cuda.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API __attribute__((visibility("default")))
#define MAX_DEVICES 32

enum { SUCCESS = 0, INVALID_VALUE = 1, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101 };

enum { /* CUdevice_attribute */
    MAX_THREADS_PER_BLOCK = 1,
    MAX_BLOCK_DIM_X = 2, MAX_BLOCK_DIM_Y = 3, MAX_BLOCK_DIM_Z = 4,
    MAX_GRID_DIM_X = 5, MAX_GRID_DIM_Y = 6, MAX_GRID_DIM_Z = 7,
    MAX_SHARED_MEMORY_PER_BLOCK = 8,
    WARP_SIZE = 10,
    MAX_REGISTERS_PER_BLOCK = 12,
    CLOCK_RATE = 13, /* kHz */
    MULTIPROCESSOR_COUNT = 16,
    PCI_BUS_ID = 33, PCI_DEVICE_ID = 34,
    MEMORY_CLOCK_RATE = 36, /* kHz */
    GLOBAL_MEMORY_BUS_WIDTH = 37, /* bits */
    L2_CACHE_SIZE = 38,
    MAX_THREADS_PER_MULTIPROCESSOR = 39,
    UNIFIED_ADDRESSING = 41,
    COMPUTE_CAPABILITY_MAJOR = 75, COMPUTE_CAPABILITY_MINOR = 76,
    MAX_SHARED_MEMORY_PER_MULTIPROCESSOR = 81, MAX_REGISTERS_PER_MULTIPROCESSOR = 82,
    MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
};

struct capability { int major, minor; };

static struct capability devices[MAX_DEVICES];
static int count;
static int initialized;
static char context[MAX_DEVICES]; /* the address of the n-th byte is the n-th device's primary context */
static __thread void *current;

static void read_devices(void)
{
    const char *text = getenv("TFGPU_STANDIN_CUDA");
    count = 0;
    while (text && *text && count < MAX_DEVICES) {
        struct capability *each = &devices[count];
        if (sscanf(text, "%d.%d", &each->major, &each->minor) != 2) {
            fprintf(stderr, "stand-in CUDA driver: no compute capability: %s\n", text);
            abort();
        }
        count++;
        text = strchr(text, ',');
        text = text ? text + 1 : NULL;
    }
}

static int attribute(int number, int device)
{
    switch (number) {
    case COMPUTE_CAPABILITY_MAJOR: return devices[device].major;
    case COMPUTE_CAPABILITY_MINOR: return devices[device].minor;
    case PCI_BUS_ID: return device * 0x10 + 1;
    case PCI_DEVICE_ID: return 0;
    case MULTIPROCESSOR_COUNT: return 80;
    case MAX_THREADS_PER_BLOCK: case MAX_BLOCK_DIM_X: case MAX_BLOCK_DIM_Y: return 1024;
    case MAX_BLOCK_DIM_Z: return 64;
    case MAX_GRID_DIM_X: return 2147483647;
    case MAX_GRID_DIM_Y: case MAX_GRID_DIM_Z: return 65535;
    case MAX_SHARED_MEMORY_PER_BLOCK: case MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: return 48 << 10;
    case MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: return 96 << 10;
    case WARP_SIZE: return 32;
    case MAX_REGISTERS_PER_BLOCK: case MAX_REGISTERS_PER_MULTIPROCESSOR: return 65536;
    case CLOCK_RATE: return 1400000;
    case MEMORY_CLOCK_RATE: return 1200000;
    case GLOBAL_MEMORY_BUS_WIDTH: return 5120;
    case L2_CACHE_SIZE: return 6 << 20;
    case MAX_THREADS_PER_MULTIPROCESSOR: return 2048;
    case UNIFIED_ADDRESSING: return 1;
    default: return 0;
    }
}

static int check(int device)
{
    if (!initialized)
        return NOT_INITIALIZED;
    return device >= 0 && device < count ? SUCCESS : INVALID_DEVICE;
}

API int cuInit(unsigned flags)
{
    (void)flags;
    read_devices();
    if (!count)
        return NO_DEVICE;
    initialized = 1;
    return SUCCESS;
}

API int cuDriverGetVersion(int *version)
{
    *version = 12080;
    return SUCCESS;
}

API int cuDeviceGetCount(int *found)
{
    *found = count;
    return initialized ? SUCCESS : NOT_INITIALIZED;
}

API int cuDeviceGet(int *device, int ordinal)
{
    *device = ordinal;
    return check(ordinal);
}

API int cuDeviceGetName(char *name, int size, int device)
{
    snprintf(name, (size_t)size, "Stand-in %d", device);
    return check(device);
}

API int cuDeviceTotalMem_v2(size_t *bytes, int device)
{
    *bytes = (size_t)16 << 30;
    return check(device);
}

API int cuDeviceGetAttribute(int *value, int number, int device)
{
    int code = check(device);
    *value = code == SUCCESS ? attribute(number, device) : 0;
    return code;
}

API int cuDeviceComputeCapability(int *major, int *minor, int device)
{
    int code = check(device);
    if (code == SUCCESS) {
        *major = devices[device].major;
        *minor = devices[device].minor;
    }
    return code;
}

API int cuDeviceGetPCIBusId(char *text, int size, int device)
{
    snprintf(text, (size_t)size, "0000:%02x:00.0", device * 0x10 + 1);
    return check(device);
}

API int cuDeviceGetUuid(char uuid[16], int device)
{
    memset(uuid, 0, 16);
    uuid[15] = (char)device;
    return check(device);
}

API int cuDeviceGetUuid_v2(char uuid[16], int device)
{
    return cuDeviceGetUuid(uuid, device);
}

API int cuDeviceCanAccessPeer(int *can, int one, int other)
{
    *can = 0;
    return check(one) == SUCCESS ? check(other) : check(one);
}

API int cuDevicePrimaryCtxRetain(void **made, int device)
{
    int code = check(device);
    if (code == SUCCESS)
        *made = &context[device];
    return code;
}

API int cuDevicePrimaryCtxRelease_v2(int device)
{
    return check(device);
}

API int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active)
{
    *flags = 0;
    *active = 0;
    return check(device);
}

API int cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags)
{
    (void)flags;
    return check(device);
}

API int cuDevicePrimaryCtxRelease(int device)
{
    return cuDevicePrimaryCtxRelease_v2(device);
}

API int cuDevicePrimaryCtxSetFlags(int device, unsigned flags)
{
    return cuDevicePrimaryCtxSetFlags_v2(device, flags);
}

API int cuCtxGetCurrent(void **found)
{
    *found = current;
    return SUCCESS;
}

API int cuCtxSetCurrent(void *wanted)
{
    current = wanted;
    return SUCCESS;
}

API int cuCtxGetDevice(int *device)
{
    if (!current)
        return INVALID_VALUE;
    *device = (int)((char *)current - context);
    return SUCCESS;
}

API int cuMemGetInfo_v2(size_t *available, size_t *total)
{
    *available = (size_t)15 << 30;
    *total = (size_t)16 << 30;
    return SUCCESS;
}

static const char *name_of(int code)
{
    switch (code) {
    case SUCCESS: return "CUDA_SUCCESS";
    case INVALID_VALUE: return "CUDA_ERROR_INVALID_VALUE";
    case NOT_INITIALIZED: return "CUDA_ERROR_NOT_INITIALIZED";
    case NO_DEVICE: return "CUDA_ERROR_NO_DEVICE";
    case INVALID_DEVICE: return "CUDA_ERROR_INVALID_DEVICE";
    default: return NULL;
    }
}

API int cuGetErrorName(int code, const char **text)
{
    *text = name_of(code);
    return *text ? SUCCESS : INVALID_VALUE;
}

API int cuGetErrorString(int code, const char **text)
{
    return cuGetErrorName(code, text);
}
