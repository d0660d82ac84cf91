/*
 * A disk that does not give one block of one file, for a process that loads this library first. A read of it
 * fails with EIO; where the file is mapped into memory, touching it ends the process, as the kernel's SIGBUS does.
 *
 *   BAD_FILE   the end of the file's path
 *   BAD_AT     a byte of the block
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { PAGE = 4096 };

/* Whether a file is the one whose block is bad. */
static int is_bad(int fd) {
  const char *end = getenv("BAD_FILE");
  char link[64], path[PATH_MAX];
  if (!end || fd < 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < (ssize_t)strlen(end)) return 0;
  path[length] = 0;
  return strcmp(path + length - strlen(end), end) == 0;
}

static off_t bad_page(void) { return atol(getenv("BAD_AT")) / PAGE * PAGE; }

void *mmap64(void *near, size_t length, int protection, int flags, int fd, off_t offset) {
  void *(*real)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, "mmap64");
  char *mapped = real(near, length, protection, flags, fd, offset);
  if (mapped == MAP_FAILED || !is_bad(fd)) return mapped;
  off_t at = bad_page() - offset;
  if (at >= 0 && (size_t)at < length) mprotect(mapped + at, PAGE, PROT_NONE);
  return mapped;
}
void *mmap(void *near, size_t length, int protection, int flags, int fd, off_t offset) {
  return mmap64(near, length, protection, flags, fd, offset);
}

static int is_hit(int fd, size_t length, off_t at) {
  return is_bad(fd) && at < bad_page() + PAGE && at + (off_t)length > bad_page();
}

ssize_t pread64(int fd, void *bytes, size_t length, off_t at) {
  ssize_t (*real)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread64");
  if (!is_hit(fd, length, at)) return real(fd, bytes, length, at);
  errno = EIO;
  return -1;
}
ssize_t pread(int fd, void *bytes, size_t length, off_t at) { return pread64(fd, bytes, length, at); }

ssize_t read(int fd, void *bytes, size_t length) {
  ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
  if (!is_hit(fd, length, lseek(fd, 0, SEEK_CUR))) return real(fd, bytes, length);
  errno = EIO;
  return -1;
}
