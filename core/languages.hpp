#pragma once

#include "core/result.hpp"
#include "core/work.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The languages of one job (`target_languages` of its options).
namespace dubber {

/// Of one job, the gateway's included.
inline constexpr std::size_t max_languages = 20;

/// 1 to 64 of letters, digits and `-_+.`, not beginning with '-': what may go
/// into requests, names of stages and keys of the store as it is.
bool is_language_tag(std::string_view text);

/// Whether both tags mean one language: their case does not count.
bool is_same_language(std::string_view a, std::string_view b);

/// All languages of the job, without repetitions. The gateway's is the first,
/// named or not: its row has room for one result. `invalid_input`: one is no
/// language tag, or there are too many.
/// @param listed As the job's owner wrote them.
result<std::vector<std::string>>
read_languages(const std::string& gateways,
               const std::vector<std::string>& listed);

/// Those besides the gateway's.
std::vector<std::string> further_languages(const job_options& options);

/// Whose voice speaks the language; empty: the service's choice.
std::string voice_for(const job_options& options, const std::string& language);

} // namespace dubber
