#pragma once

#include "core/remote_task.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What is remembered of the tasks of one piece of work, in the object store:
/// so a crash forgets no task that is out.
namespace dubber {

/// The name of a piece of work.
/// @param call_key Of its stage. @param input The key of what it works on.
std::string work_key(const std::string& call_key, const std::string& task,
                     const std::string& input);

/// Where its dispatches are written down. Old ones are swept with the artifacts
/// that nobody names.
std::string ledger_key(const std::string& work);

/// The id of the task of one dispatch: of no other work, attempt or dispatch.
/// @param output_key That no other dispatch has.
std::string task_id(const std::string& work, int attempt,
                    const std::string& output_key);

std::string write_ledger(const std::vector<dispatch>& out);

/// @returns Nothing of what cannot be read.
std::vector<dispatch> read_ledger(std::string_view text);

} // namespace dubber
