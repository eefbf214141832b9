#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dubber {

/// Samples a second of what the recogniser hears.
constexpr int asr_rate = 16000;

/// A stretch of samples, `end` exclusive.
struct sample_span {
  size_t begin = 0;
  size_t end = 0;
};

/// Stretches with speech, padded, none longer than 20 s; found by energy
/// relative to the quiet and loud tenths of the block (10 ms steps).
std::vector<sample_span> find_speech(const std::vector<int16_t>& samples);

/// A recognised word; times in seconds, confidence 0 to 1.
struct heard_word {
  std::string text;
  double start = 0;
  double end = 0;
  double confidence = 0;
};

/// Words that are shown together.
struct heard_segment {
  double start = 0;
  double end = 0;
  std::string text;
  std::vector<heard_word> words;
};

/// Segments of 1 to 12 s where the gaps between the words allow it.
std::vector<heard_segment> make_segments(const std::vector<heard_word>& words);

/// "i am mr p b x" becomes "I am Mr PBX.".
std::string tidy(const std::vector<heard_word>& words);

} // namespace dubber
