#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// Plain text as apertium's stream format: its signs escaped, line breaks as
/// blanks, a sentence end appended that flushes the last word.
std::string to_stream(std::string_view text);

/// The way back; double spaces and the appended end are removed.
std::string from_stream(std::string_view stream);

/// The shell pipeline of a mode file, each program talking NUL-terminated and
/// without marks at unknown words.
std::string pipeline(std::string_view mode_file);

/// The modes from one language to another, through Spanish where there is no
/// direct one; empty when there is no way. Codes as ISO 639-1.
std::vector<std::string> route(const std::string& from, const std::string& to);

/// Every pair that `route` knows.
std::vector<std::pair<std::string, std::string>> language_pairs();

/// `en-US` and `EN` are `en`; empty when it is no language tag.
std::string normal_language(std::string_view tag);

} // namespace dubber
