/*
 * Preloaded into a daemon: writes down what it does to the files of its home, so that cut.ts can
 * rebuild the disk as a power cut would have left it. Each change is logged before it is made, with
 * the bytes that it replaces; a file that loses its name is kept in the graveyard until then.
 *
 *   RECORD_HOME       the home; its log/ and run/ are left out
 *   RECORD_LOG        the file of records, one write each
 *   RECORD_GRAVEYARD  a folder on the same file system
 *   RECORD_TROUBLE    "errno N": one in N writes and syncs of the journal and the state store fails; may be missing
 *
 * A record is six numbers of eight bytes, six of four, and then the two names and the old and
 * the new bytes, whose lengths are among the numbers. All of it is little-endian.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, TRUNCATE, SYNC_BEGIN, SYNC_END, CREATE, UNLINK, RENAME, MKDIR, RMDIR, SYNC_FAILED };

struct record {
  uint64_t inode, folder, folder2, at, size, id;
  uint32_t kind, name_length, name2_length, old_length, new_length, unused;
};

enum { FDS = 65536 };
static uint64_t tracked[FDS];
static char may_fail[FDS];
static unsigned trouble_errno, trouble_one_in, trouble_state;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *home, *graveyard;
static size_t home_length;
static int log_fd = -1;
static uint64_t next_id;

#define REAL(type, name, ...)                                                                      \
  static type (*real_##name)(__VA_ARGS__);
REAL(int, open, const char *, int, ...)
REAL(int, openat, int, const char *, int, ...)
REAL(ssize_t, write, int, const void *, size_t)
REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
REAL(int, fsync, int)
REAL(int, fdatasync, int)
REAL(int, ftruncate, int, off_t)
REAL(int, rename, const char *, const char *)
REAL(int, unlink, const char *)
REAL(int, mkdir, const char *, mode_t)
REAL(int, rmdir, const char *)
REAL(int, close, int)
REAL(FILE *, fopen, const char *, const char *)
REAL(int, fileno, FILE *)

__attribute__((constructor)) static void set_up(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_mkdir = dlsym(RTLD_NEXT, "mkdir");
  real_rmdir = dlsym(RTLD_NEXT, "rmdir");
  real_close = dlsym(RTLD_NEXT, "close");
  real_fopen = dlsym(RTLD_NEXT, "fopen64");
  real_fileno = dlsym(RTLD_NEXT, "fileno");
  home = getenv("RECORD_HOME");
  graveyard = getenv("RECORD_GRAVEYARD");
  home_length = home ? strlen(home) : 0;
  const char *trouble = getenv("RECORD_TROUBLE");
  if (trouble && sscanf(trouble, "%u %u", &trouble_errno, &trouble_one_in) != 2) abort();
  trouble_state = getpid();
}

/* A record with a gap is worse than none. */
static void give_up(int line) {
  dprintf(2, "the recorder gave up at line %d: %s\n", line, strerror(errno));
  abort();
}

/* Whether a path is a recorded one. Those who open files here give absolute paths. */
static int is_ours(const char *path) {
  if (!home_length || !path || strncmp(path, home, home_length) != 0) return 0;
  const char *rest = path + home_length;
  return (*rest == 0 || *rest == '/') && strncmp(rest, "/log/", 5) != 0 && strncmp(rest, "/run/", 5) != 0;
}

static uint64_t inode_of(const char *path) {
  struct stat found;
  return lstat(path, &found) == 0 ? found.st_ino : 0;
}

static uint64_t folder_of(const char *path) {
  char folder[PATH_MAX];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (!slash) return 0;
  *slash = 0;
  return inode_of(folder);
}

static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* One write for each record: what is killed in the middle leaves a short last one. */
static void put(struct record record, const char *name, const char *name2, const void *old,
                const void *new) {
  if (log_fd < 0) log_fd = real_open(getenv("RECORD_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  record.name_length = name ? strlen(name) : 0;
  record.name2_length = name2 ? strlen(name2) : 0;
  size_t length = sizeof record + record.name_length + record.name2_length + record.old_length +
                  record.new_length;
  char *bytes = malloc(length), *end = bytes;
  end = mempcpy(end, &record, sizeof record);
  end = mempcpy(end, name, record.name_length);
  end = mempcpy(end, name2, record.name2_length);
  end = mempcpy(end, old, record.old_length);
  mempcpy(end, new, record.new_length);
  if (real_write(log_fd, bytes, length) != (ssize_t)length) give_up(__LINE__);
  free(bytes);
}

/* Keeps a file that is about to lose its name; 0 where there is none. */
static uint64_t bury(const char *path) {
  if (!inode_of(path)) return 0;
  char grave[PATH_MAX];
  uint64_t id = ((uint64_t)getpid() << 24) + ++next_id;
  snprintf(grave, sizeof grave, "%s/%lu", graveyard, id);
  return link(path, grave) == 0 ? id : 0;
}

/* The bytes that a change replaces, as many as there are; freed by the caller. */
static char *old_bytes(int fd, off_t at, size_t length, off_t size, uint32_t *found) {
  *found = 0;
  if (at >= size) return NULL;
  if ((off_t)length > size - at) length = size - at;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int reader = real_open(path, O_RDONLY | O_CLOEXEC);
  char *bytes = malloc(length ? length : 1);
  ssize_t count = reader < 0 ? -1 : pread(reader, bytes, length, at);
  if (reader >= 0) real_close(reader);
  if (count != (ssize_t)length) give_up(__LINE__);
  *found = count;
  return bytes;
}

static void put_write(int fd, const void *bytes, size_t length, off_t at) {
  struct stat found;
  if (fstat(fd, &found) != 0) return;
  struct record record = {.kind = WRITE, .inode = tracked[fd], .at = at, .size = found.st_size};
  char *old = old_bytes(fd, at, length, found.st_size, &record.old_length);
  record.new_length = length;
  put(record, NULL, NULL, old, bytes);
  free(old);
}

static void put_truncate(int fd, off_t length) {
  struct stat found;
  if (fstat(fd, &found) != 0) return;
  struct record record = {.kind = TRUNCATE, .inode = tracked[fd], .at = length, .size = found.st_size};
  char *old = length < found.st_size
                  ? old_bytes(fd, length, found.st_size - length, found.st_size, &record.old_length)
                  : NULL;
  put(record, NULL, NULL, old, NULL);
  free(old);
}

/* Node closes some files past the C library, and their numbers come back as something else. */
static int is_tracked(int fd) {
  struct stat found;
  if (fd < 0 || fd >= FDS || !tracked[fd]) return 0;
  if (fstat(fd, &found) != 0 || found.st_ino != tracked[fd]) tracked[fd] = 0;
  return tracked[fd] != 0;
}

static int open_ours(const char *path, int flags, mode_t mode) {
  pthread_mutex_lock(&lock);
  uint64_t before = inode_of(path);
  int fd = real_open(path, flags & ~O_TRUNC, mode);
  int error = errno;
  if (fd >= 0 && fd < FDS) {
    struct stat found;
    fstat(fd, &found);
    tracked[fd] = found.st_ino;
    may_fail[fd] = strncmp(path + home_length, "/journal/", 9) == 0 || strncmp(path + home_length, "/state/", 7) == 0;
    if (!before) {
      struct record record = {.kind = CREATE, .inode = found.st_ino, .folder = folder_of(path)};
      put(record, name_of(path), NULL, NULL, NULL);
    }
    if ((flags & O_TRUNC) && found.st_size > 0) {
      put_truncate(fd, 0);
      if (real_ftruncate(fd, 0) != 0) give_up(__LINE__);
    }
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return fd;
}

static int open_any(const char *path, int flags, mode_t mode) {
  if (is_ours(path)) return open_ours(path, flags, mode);
  int fd = real_open(path, flags, mode);
  if (fd >= 0 && fd < FDS) tracked[fd] = 0;
  return fd;
}

#define MODE(flags)                                                                                \
  mode_t mode = 0;                                                                                 \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                                                           \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    mode = va_arg(rest, mode_t);                                                                   \
    va_end(rest);                                                                                  \
  }

int open(const char *path, int flags, ...) { MODE(flags) return open_any(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any(path, flags, mode); }

static int openat_any(int folder, const char *path, int flags, mode_t mode) {
  if (is_ours(path)) return open_ours(path, flags, mode);
  int fd = real_openat(folder, path, flags, mode);
  if (fd >= 0 && fd < FDS) tracked[fd] = 0;
  return fd;
}
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return openat_any(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return openat_any(folder, path, flags, mode); }

int close(int fd) {
  if (fd >= 0 && fd < FDS) tracked[fd] = 0;
  return real_close(fd);
}

/* Files of the C library write past us: ours are streams of our own over write(). */
enum { STREAMS = 1024 };
static struct { FILE *stream; int fd; } streams[STREAMS];

static ssize_t write_stream(void *cookie, const char *bytes, size_t length) {
  ssize_t count = write((int)(intptr_t)cookie, bytes, length);
  // For these streams 0 is a failure; -1 would be taken for many bytes.
  return count < 0 ? 0 : count;
}
static int close_stream(void *cookie) {
  for (int at = 0; at < STREAMS; at++)
    if (streams[at].stream && streams[at].fd == (int)(intptr_t)cookie) streams[at].stream = NULL;
  return close((int)(intptr_t)cookie);
}

FILE *fopen64(const char *path, const char *mode) {
  if (!is_ours(path) || (*mode != 'w' && *mode != 'a')) return real_fopen(path, mode);
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (*mode == 'w' ? O_TRUNC : O_APPEND);
  int fd = open_any(path, flags, 0666);
  if (fd < 0) return NULL;
  cookie_io_functions_t calls = {.write = write_stream, .close = close_stream};
  FILE *stream = fopencookie((void *)(intptr_t)fd, mode, calls);
  pthread_mutex_lock(&lock);
  int at = 0;
  while (at < STREAMS && streams[at].stream) at++;
  if (!stream || at == STREAMS) give_up(__LINE__);
  streams[at].fd = fd;
  streams[at].stream = stream;
  pthread_mutex_unlock(&lock);
  return stream;
}
FILE *fopen(const char *path, const char *mode) { return fopen64(path, mode); }

int fileno(FILE *stream) {
  for (int at = 0; at < STREAMS; at++)
    if (streams[at].stream == stream) return streams[at].fd;
  return real_fileno(stream);
}
int fileno_unlocked(FILE *stream) { return fileno(stream); }

/* Whether this write or sync is to fail. Called with the lock. */
static int is_in_trouble(int fd) {
  if (!trouble_one_in || !may_fail[fd]) return 0;
  trouble_state = trouble_state * 1103515245 + 12345;
  return (trouble_state >> 16) % trouble_one_in == 0;
}

static int fail_unlocked(void) {
  pthread_mutex_unlock(&lock);
  errno = trouble_errno;
  return -1;
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t at, int moves) {
  pthread_mutex_lock(&lock);
  if (is_in_trouble(fd)) return fail_unlocked();
  if (moves) {
    struct stat found;
    int is_append = fcntl(fd, F_GETFL) & O_APPEND;
    at = is_append && fstat(fd, &found) == 0 ? found.st_size : lseek(fd, 0, SEEK_CUR);
  }
  put_write(fd, bytes, length, at);
  ssize_t count = moves ? real_write(fd, bytes, length) : real_pwrite(fd, bytes, length, at);
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return count;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  return is_tracked(fd) ? write_at(fd, bytes, length, 0, 1) : real_write(fd, bytes, length);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  return is_tracked(fd) ? write_at(fd, bytes, length, at, 0) : real_pwrite(fd, bytes, length, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) { return pwrite(fd, bytes, length, at); }

/* Several pieces become several writes: a write may be short at any time. */
ssize_t writev(int fd, const struct iovec *pieces, int count) {
  if (!is_tracked(fd)) {
    ssize_t (*real)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
    return real(fd, pieces, count);
  }
  return write(fd, pieces[0].iov_base, pieces[0].iov_len);
}
ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off_t at) {
  if (!is_tracked(fd)) {
    ssize_t (*real)(int, const struct iovec *, int, off_t) = dlsym(RTLD_NEXT, "pwritev64");
    return real(fd, pieces, count, at);
  }
  return pwrite(fd, pieces[0].iov_base, pieces[0].iov_len, at);
}
ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at) { return pwritev64(fd, pieces, count, at); }

static int sync_with(int (*real)(int), int fd) {
  if (!is_tracked(fd)) return real(fd);
  pthread_mutex_lock(&lock);
  struct record record = {.kind = SYNC_BEGIN, .inode = tracked[fd], .id = ++next_id};
  if (is_in_trouble(fd)) {
    /* The kernel takes the pages for clean from here on: a later sync that succeeds does not write them. */
    record.kind = SYNC_FAILED;
    put(record, NULL, NULL, NULL, NULL);
    return fail_unlocked();
  }
  put(record, NULL, NULL, NULL, NULL);
  pthread_mutex_unlock(&lock);
  int result = real(fd), error = errno;
  pthread_mutex_lock(&lock);
  record.kind = SYNC_END;
  if (result == 0) put(record, NULL, NULL, NULL, NULL);
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}
int fsync(int fd) { return sync_with(real_fsync, fd); }
int fdatasync(int fd) { return sync_with(real_fdatasync, fd); }

static int truncate_to(int fd, off_t length) {
  if (!is_tracked(fd)) return real_ftruncate(fd, length);
  pthread_mutex_lock(&lock);
  put_truncate(fd, length);
  int result = real_ftruncate(fd, length);
  pthread_mutex_unlock(&lock);
  return result;
}
int ftruncate(int fd, off_t length) { return truncate_to(fd, length); }
int ftruncate64(int fd, off_t length) { return truncate_to(fd, length); }

int rename(const char *from, const char *to) {
  if (!is_ours(from) || !inode_of(from)) return real_rename(from, to);
  pthread_mutex_lock(&lock);
  struct record record = {.kind = RENAME, .inode = inode_of(from), .folder = folder_of(from)};
  record.folder2 = folder_of(to);
  record.id = bury(to);
  put(record, name_of(from), name_of(to), NULL, NULL);
  int result = real_rename(from, to), error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int unlink(const char *path) {
  if (!is_ours(path) || !inode_of(path)) return real_unlink(path);
  pthread_mutex_lock(&lock);
  struct record record = {.kind = UNLINK, .inode = inode_of(path), .folder = folder_of(path)};
  record.id = bury(path);
  if (record.id) put(record, name_of(path), NULL, NULL, NULL);
  int result = real_unlink(path), error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int mkdir(const char *path, mode_t mode) {
  if (!is_ours(path)) return real_mkdir(path, mode);
  pthread_mutex_lock(&lock);
  int result = real_mkdir(path, mode), error = errno;
  if (result == 0) {
    struct record record = {.kind = MKDIR, .inode = inode_of(path), .folder = folder_of(path)};
    put(record, name_of(path), NULL, NULL, NULL);
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int rmdir(const char *path) {
  if (!is_ours(path) || !inode_of(path)) return real_rmdir(path);
  pthread_mutex_lock(&lock);
  struct record record = {.kind = RMDIR, .inode = inode_of(path), .folder = folder_of(path)};
  put(record, name_of(path), NULL, NULL, NULL);
  int result = real_rmdir(path), error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int unlinkat(int folder, const char *path, int flags) {
  if (is_ours(path)) return flags & AT_REMOVEDIR ? rmdir(path) : unlink(path);
  int (*real)(int, const char *, int) = dlsym(RTLD_NEXT, "unlinkat");
  return real(folder, path, flags);
}
