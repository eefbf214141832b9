#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dubber {

// A recogniser writes names in small letters, and apertium knows "Monday" but
// not "monday": words that it knows only with a capital get one.

/// Words of small letters that an analysis ("^monday/*monday$") does not know,
/// at most 100.
std::set<std::string> unknown_words(std::string_view analysis);

/// The same words with a capital, one a line: to be analysed once more.
std::string capitalised_lines(const std::set<std::string>& words);

/// The words whose capitalised form the second analysis knows.
std::set<std::string> known_with_capital(const std::set<std::string>& words,
                                         std::string_view analysis);

/// The text with a capital at each of the words.
std::string with_capitals(std::string_view text,
                          const std::set<std::string>& words);

} // namespace dubber
