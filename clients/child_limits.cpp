#include "clients/child_limits.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace dubber {

namespace {

void lower(decltype(RLIMIT_AS) which, std::uint64_t to) {
  rlimit now{};
  if (to == 0 || ::getrlimit(which, &now) != 0)
    return;
  now.rlim_cur = std::min<rlim_t>(now.rlim_cur, to);
  now.rlim_max = std::min<rlim_t>(now.rlim_max, to);
  ::setrlimit(which, &now);
}

#if defined(__x86_64__)
constexpr auto native = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr auto native = AUDIT_ARCH_AARCH64;
#else
#error "name this machine's AUDIT_ARCH"
#endif

/// Has the kernel answer "not permitted" to whatever makes sockets.
void forbid_sockets() {
  constexpr auto jump = BPF_JMP | BPF_JEQ | BPF_K;
  constexpr auto load = BPF_LD | BPF_W | BPF_ABS;
  constexpr auto answer = BPF_RET | BPF_K;
  static sock_filter rules[] = {
    BPF_STMT(load, offsetof(seccomp_data, arch)),
    BPF_JUMP(jump, native, 1, 0),
    BPF_STMT(answer, SECCOMP_RET_ERRNO | EPERM), // another system call table
    BPF_STMT(load, offsetof(seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 3, 0), // x32 numbers
    BPF_JUMP(jump, SYS_socket, 2, 0),
    BPF_JUMP(jump, SYS_io_uring_setup, 1, 0),
    BPF_STMT(answer, SECCOMP_RET_ALLOW),
    BPF_STMT(answer, SECCOMP_RET_ERRNO | EPERM),
  };
  static const sock_fprog program{sizeof rules / sizeof rules[0], rules};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

} // namespace

void apply_limits(const child_limits& limits) {
  lower(RLIMIT_AS, limits.memory_bytes);
  lower(RLIMIT_FSIZE, limits.file_bytes);
  lower(RLIMIT_NOFILE, limits.open_files);
  if (limits.niceness > 0)
    ::setpriority(PRIO_PROCESS, 0,
                  ::getpriority(PRIO_PROCESS, 0) + limits.niceness);
  if (!limits.network)
    forbid_sockets();
}

} // namespace dubber
