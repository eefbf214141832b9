#pragma once

#include "engines/process_group.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// Plain text as apertium's stream format: its signs escaped, line breaks and
/// words of over 200 bytes as blanks that pass unchanged (time grows with the
/// square of a word's length), a sentence end appended that flushes the rest.
std::string to_stream(std::string_view text);

/// The way back; double spaces and the appended end are removed.
std::string from_stream(std::string_view stream);

/// The programs of a mode file, each talking NUL-terminated and without marks
/// at unknown words. Empty when the file holds anything but programs, quoted
/// arguments and bars.
std::vector<program> pipeline(std::string_view mode_file);

/// The first program of a mode alone when it is one that analyses words.
std::vector<program> analyser(const std::vector<program>& mode);

} // namespace dubber
