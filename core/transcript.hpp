#pragma once

#include "core/result.hpp"
#include "core/work.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What is made of whatever ASR answered (table in docs/media.md).
namespace dubber {

inline constexpr std::size_t max_segments = 20'000;

/// Replaces every invalid byte sequence by U+FFFD and control characters by a
/// space (The Unicode Standard, 3.9: maximal subparts need not be kept).
std::string to_valid_utf8(std::string_view text);

/// Whether `to_valid_utf8` would replace no bytes.
bool is_valid_utf8(std::string_view text);

/// Joins the chunks' transcripts, in order, into one clean one: sorted, within
/// [0, media_seconds], no overlaps, no empty texts, valid UTF-8. Every repair
/// is counted in `notes`. Faults: `no_speech`, `limit_exceeded`.
/// @param media_seconds Length of the sound; 0 when unknown.
result<transcript> clean_transcript(const std::vector<transcript>& chunks,
                                    double media_seconds);

} // namespace dubber
