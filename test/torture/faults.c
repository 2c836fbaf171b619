/*
 * Preloaded into the program under test. Numbers every operation on files below TORTURE_DIR, in the order in which they
 * happen, and at number TORTURE_AT does what TORTURE_MODE says:
 *
 *   count     nothing
 *   kill      SIGKILL before the operation
 *   half      half of a write, then SIGKILL
 *   enospc    ENOSPC instead of a write, a growing file, a new name
 *   eio       EIO instead of any operation, reading included
 *   short     half of a read or write, and says so
 *   act       what TORTURE_ACT says, a command, before the operation
 *
 * TORTURE_PERSISTS=1: so does every operation of that kind behind it. TORTURE_LOG: a line for each operation.
 * TORTURE_SHADOW: what fsync made durable is copied there under the number of its inode, as a power cut would leave it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { READS = 1, WRITES = 2, GROWS = 4, CHANGES = 8 };

static const char *dir, *mode, *shadow;
static long at;
static int persists, logged = -1;
static atomic_long counter;

__attribute__((constructor)) static void begin(void) {
  dir = getenv("TORTURE_DIR");
  mode = getenv("TORTURE_MODE");
  shadow = getenv("TORTURE_SHADOW");
  at = atol(getenv("TORTURE_AT") ? getenv("TORTURE_AT") : "0");
  persists = getenv("TORTURE_PERSISTS") != NULL;
  const char *log = getenv("TORTURE_LOG");
  if (log != NULL) logged = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is(const char *name) { return mode != NULL && strcmp(mode, name) == 0; }

static int is_ours(const char *path) { return dir != NULL && strncmp(path, dir, strlen(dir)) == 0; }

static int path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_ours(path);
}

static int concerns(int kind) {
  if (is("kill")) return kind & (WRITES | CHANGES | GROWS);
  if (is("half")) return kind & WRITES;
  if (is("enospc")) return kind & GROWS;
  if (is("short")) return kind & (READS | WRITES);
  if (is("eio") || is("act")) return 1;
  return 0;
}

/* 0: go on. 1: fail with errno. 2: do half of it. */
static int strike(const char *name, const char *path, int kind) {
  long number = atomic_fetch_add(&counter, 1) + 1;
  if (logged >= 0) {
    char line[4400];
    int length = snprintf(line, sizeof line, "%ld %s %d %s\n", number, name, kind, path);
    syscall(SYS_write, logged, line, length);
  }
  if (number < at || at == 0 || (number > at && !persists) || !concerns(kind)) return 0;
  if (is("kill")) syscall(SYS_kill, getpid(), SIGKILL);
  if (is("act")) {
    unsetenv("LD_PRELOAD");
    if (system(getenv("TORTURE_ACT")) != 0) syscall(SYS_kill, getpid(), SIGKILL);
    return 0;
  }
  if (is("half") || is("short")) return 2;
  errno = is("enospc") ? ENOSPC : EIO;
  return 1;
}

static int strike_fd(const char *name, int fd, int kind) {
  char path[4200];
  return path_of(fd, path, sizeof path) ? strike(name, path, kind) : 0;
}

static void died_half_way(void) {
  if (is("half")) syscall(SYS_kill, getpid(), SIGKILL);
}

static size_t half(size_t count) { return count > 1 ? count / 2 : count; }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count) {
  static __typeof__(&write) real;
  if (!real) real = REAL(write);
  int what = strike_fd("write", fd, WRITES | GROWS);
  if (what == 1) return -1;
  ssize_t done = real(fd, bytes, what == 2 ? half(count) : count);
  if (what == 2) died_half_way();
  return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  static __typeof__(&pwrite64) real;
  if (!real) real = REAL(pwrite64);
  int what = strike_fd("pwrite", fd, WRITES | GROWS);
  if (what == 1) return -1;
  ssize_t done = real(fd, bytes, what == 2 ? half(count) : count, offset);
  if (what == 2) died_half_way();
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return pwrite64(fd, bytes, count, offset); }

ssize_t read(int fd, void *bytes, size_t count) {
  static __typeof__(&read) real;
  if (!real) real = REAL(read);
  int what = strike_fd("read", fd, READS);
  return what == 1 ? -1 : real(fd, bytes, what == 2 ? half(count) : count);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t offset) {
  static __typeof__(&pread64) real;
  if (!real) real = REAL(pread64);
  int what = strike_fd("pread", fd, READS);
  return what == 1 ? -1 : real(fd, bytes, what == 2 ? half(count) : count, offset);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset) { return pread64(fd, bytes, count, offset); }

static void keep_shadow(int fd) {
  char name[4200], buffer[65536];
  struct stat stat;
  if (shadow == NULL || !path_of(fd, name, sizeof name) || fstat(fd, &stat) != 0) return;
  snprintf(name, sizeof name, "%s/%lu", shadow, (unsigned long)stat.st_ino);
  int to = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  off64_t offset = 0;
  for (;;) {
    ssize_t count = syscall(SYS_pread64, fd, buffer, sizeof buffer, offset);
    if (count <= 0) break;
    syscall(SYS_write, to, buffer, count);
    offset += count;
  }
  syscall(SYS_close, to);
}

int fsync(int fd) {
  static __typeof__(&fsync) real;
  if (!real) real = REAL(fsync);
  if (strike_fd("fsync", fd, CHANGES) == 1) return -1;
  int done = real(fd);
  if (done == 0) keep_shadow(fd);
  return done;
}

int fdatasync(int fd) {
  static __typeof__(&fdatasync) real;
  if (!real) real = REAL(fdatasync);
  if (strike_fd("fdatasync", fd, CHANGES) == 1) return -1;
  int done = real(fd);
  if (done == 0) keep_shadow(fd);
  return done;
}

int ftruncate64(int fd, off64_t length) {
  static __typeof__(&ftruncate64) real;
  if (!real) real = REAL(ftruncate64);
  return strike_fd("ftruncate", fd, CHANGES | GROWS) == 1 ? -1 : real(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int rename(const char *from, const char *to) {
  static __typeof__(&rename) real;
  if (!real) real = REAL(rename);
  return is_ours(to) && strike("rename", to, CHANGES | GROWS) == 1 ? -1 : real(from, to);
}

int unlink(const char *path) {
  static __typeof__(&unlink) real;
  if (!real) real = REAL(unlink);
  return is_ours(path) && strike("unlink", path, CHANGES) == 1 ? -1 : real(path);
}

static int opened(const char *path, int flags, int permissions) {
  if ((flags & O_CREAT) && is_ours(path) && access(path, F_OK) != 0 && strike("create", path, CHANGES | GROWS) == 1) {
    return -1;
  }
  return syscall(SYS_openat, AT_FDCWD, path, flags, permissions);
}

#define PERMISSIONS                                                                                                    \
  int permissions = 0;                                                                                                 \
  if (flags & O_CREAT) {                                                                                               \
    va_list rest;                                                                                                      \
    va_start(rest, flags);                                                                                             \
    permissions = va_arg(rest, int);                                                                                   \
    va_end(rest);                                                                                                      \
  }

int open64(const char *path, int flags, ...) {
  PERMISSIONS
  return opened(path, flags, permissions);
}

int open(const char *path, int flags, ...) {
  PERMISSIONS
  return opened(path, flags, permissions);
}
