#include "CProcessMemory.h"

#include <malloc.h>

void process_memory_keep_small(void) {
  (void)mallopt(M_ARENA_MAX, 1);
  (void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
  (void)mallopt(M_TRIM_THRESHOLD, 128 << 10);
}
