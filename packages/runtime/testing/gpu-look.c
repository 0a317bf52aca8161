/*
 * Tells what a task has of NVIDIA's GPUs through the driver alone, without a CUDA toolkit: `devices N`, and `sum S`, the
 * sum of 1 to 1024 after the first of them added 1 to each number: 525824. Ends with 1 where the driver says no, and
 * with what it said.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT 1024

static const char ADD_ONE[] =
    ".version 6.0\n.target sm_50\n.address_size 64\n"
    ".visible .entry add_one(.param .u64 numbers) {\n"
    "  .reg .u64 %rd<5>;\n  .reg .u32 %r<4>;\n"
    "  ld.param.u64 %rd1, [numbers];\n  cvta.to.global.u64 %rd2, %rd1;\n"
    "  mov.u32 %r1, %tid.x;\n  mul.wide.u32 %rd3, %r1, 4;\n  add.u64 %rd4, %rd2, %rd3;\n"
    "  ld.global.u32 %r2, [%rd4];\n  add.u32 %r3, %r2, 1;\n  st.global.u32 [%rd4], %r3;\n  ret;\n}\n";

static void *driver;

static void *function(const char *name) {
  void *found = dlsym(driver, name);
  if (found) return found;
  printf("the driver has no %s\n", name);
  exit(1);
}

static void must(int result, const char *what) {
  if (result == 0) return;
  printf("%s: CUDA error %d\n", what, result);
  exit(1);
}

int main(void) {
  driver = dlopen("libcuda.so.1", RTLD_NOW);
  if (!driver) {
    printf("%s\n", dlerror());
    return 1;
  }
  int (*init)(unsigned) = function("cuInit");
  int (*count)(int *) = function("cuDeviceGetCount");
  int (*device)(int *, int) = function("cuDeviceGet");
  int (*retain)(void **, int) = function("cuDevicePrimaryCtxRetain");
  int (*use)(void *) = function("cuCtxSetCurrent");
  int (*load)(void **, const void *) = function("cuModuleLoadData");
  int (*kernel)(void **, void *, const char *) = function("cuModuleGetFunction");
  int (*allocate)(uint64_t *, size_t) = function("cuMemAlloc_v2");
  int (*to_device)(uint64_t, const void *, size_t) = function("cuMemcpyHtoD_v2");
  int (*from_device)(void *, uint64_t, size_t) = function("cuMemcpyDtoH_v2");
  int (*launch)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **,
                void **) = function("cuLaunchKernel");

  must(init(0), "cuInit");
  int devices = 0, first = 0;
  must(count(&devices), "cuDeviceGetCount");
  printf("devices %d\n", devices);
  must(device(&first, 0), "cuDeviceGet");
  void *context, *module, *add_one;
  must(retain(&context, first), "cuDevicePrimaryCtxRetain");
  must(use(context), "cuCtxSetCurrent");
  must(load(&module, ADD_ONE), "cuModuleLoadData");
  must(kernel(&add_one, module, "add_one"), "cuModuleGetFunction");

  uint32_t numbers[COUNT];
  for (int i = 0; i < COUNT; i++) numbers[i] = i + 1;
  uint64_t memory;
  must(allocate(&memory, sizeof numbers), "cuMemAlloc");
  must(to_device(memory, numbers, sizeof numbers), "cuMemcpyHtoD");
  void *arguments[] = {&memory};
  must(launch(add_one, 1, 1, 1, COUNT, 1, 1, 0, NULL, arguments, NULL), "cuLaunchKernel");
  must(from_device(numbers, memory, sizeof numbers), "cuMemcpyDtoH");
  unsigned long sum = 0;
  for (int i = 0; i < COUNT; i++) sum += numbers[i];
  printf("sum %lu\n", sum);
  return 0;
}
