#pragma once

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace dubber {

using steady_point = std::chrono::steady_clock::time_point;

/// A program with its arguments.
using program = std::vector<std::string>;

/// Starts a program without a shell that the kernel kills when this thread
/// ends, in the group `group`, or for 0 as the leader of a new one. -1 for a
/// stream: /dev/null. It inherits nothing else.
/// Throws std::runtime_error when that fails, or after end_all_groups().
pid_t start_program(const program& command, int in, int out, pid_t group);

/// Kills a group that was started; its members are still to be reaped.
void end_group(pid_t group);

/// Kills every group that was started and not ended, and lets none start.
void end_all_groups();

/// Waits until the process has ended, without reaping it; false when `until`
/// passed.
bool wait_for_exit(pid_t pid, steady_point until);

/// Waits for the end; the exit code, or -1 when a signal ended it.
int reap(pid_t pid);

/// Waits for events; false when `until` passed.
bool wait_for_events(pollfd* fds, nfds_t count, steady_point until);

} // namespace dubber
