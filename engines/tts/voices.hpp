#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// What espeak-ng can speak with. Names are those that normal_voice() makes.
struct voice_table {
  /// Language codes and voice names with the file that espeak-ng knows each by.
  std::map<std::string, std::string> files;
  std::set<std::string> variants; // "f3", a sound for any voice

  /// Codes of two letters: what to tell people who ask for another.
  std::vector<std::string> languages() const;
};

/// Adds the table that `espeak-ng --voices` prints.
void parse_voices(std::string_view text, voice_table& into);

/// Adds the table that `espeak-ng --voices=variant` prints.
void parse_variants(std::string_view text, voice_table& into);

/// Lower case with `-` between the parts, or empty when it is no language tag
/// or voice name at all (letters, digits, `-`, `_`, `+`; at most 40).
std::string normal_voice(std::string_view name);

/// What to pass to espeak-ng for a language or a voice: `es`, `es-MX` (as
/// `es`), `spanish`, `es+f3`; empty when there is none.
std::string find_voice(const voice_table& table, std::string_view name);

/// The same for a language and, where not empty, a voice, which may be a
/// variant alone.
std::string find_voice(const voice_table& table, std::string_view language,
                       std::string_view voice);

/// Words a minute for a multiplier of 165, 0.5 to 2.0, at most 260.
int words_per_minute(double rate);

/// Text as espeak-ng may read it: no control characters, no `[[phonemes]]`.
std::string speakable(std::string_view text);

} // namespace dubber
