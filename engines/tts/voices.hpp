#pragma once

#include <set>
#include <string>
#include <string_view>

namespace dubber {

/// The language codes and voice names in the table `espeak-ng --voices`
/// prints, in lower case.
std::set<std::string> parse_voices(std::string_view table);

/// Lower case with `-` between the parts, or empty when it is no language tag
/// or voice name at all (letters, digits, `-`, `_`, `+`; at most 40).
std::string normal_voice(std::string_view name);

/// Words a minute for a multiplier of 165, 0.5 to 2.0, at most 260.
int words_per_minute(double rate);

/// Text as espeak-ng may read it: no control characters, no `[[phonemes]]`.
std::string speakable(std::string_view text);

} // namespace dubber
