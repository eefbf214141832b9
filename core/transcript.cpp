#include "core/transcript.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// Length of the valid UTF-8 sequence at `s[i]`, or 0 (Unicode, table 3-7).
std::size_t sequence_at(std::string_view s, std::size_t i) {
  auto byte = [&](std::size_t k) {
    return i + k < s.size() ? static_cast<unsigned char>(s[i + k]) : 0u;
  };
  auto tail = [&](std::size_t k) {
    return (byte(k) & 0xC0u) == 0x80u;
  };
  auto b = byte(0);
  if (b < 0x80)
    return 1;
  if (b >= 0xC2 && b <= 0xDF)
    return tail(1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    auto low = b == 0xE0 ? 0xA0u : 0x80u;
    auto high = b == 0xED ? 0x9Fu : 0xBFu;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    auto low = b == 0xF0 ? 0x90u : 0x80u;
    auto high = b == 0xF4 ? 0x8Fu : 0xBFu;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

std::string trimmed(std::string text) {
  auto first = text.find_first_not_of(' ');
  if (first == std::string::npos)
    return {};
  auto last = text.find_last_not_of(' ');
  return text.substr(first, last - first + 1);
}

struct counts {
  std::size_t times = 0;
  std::size_t beyond = 0;
  std::size_t empty = 0;
  std::size_t overlaps = 0;
  std::size_t texts = 0;
};

void note(transcript& t, std::size_t n, const char* what) {
  if (n > 0)
    t.notes.push_back(std::to_string(n) + " " + what);
}

/// Cleans one segment in place; false when it has to go.
bool clean(heard_segment& s, double media_seconds, counts& n) {
  auto text = trimmed(to_valid_utf8(s.text));
  if (text.empty()) {
    ++n.empty;
    return false;
  }
  n.texts += text != trimmed(s.text);
  s.text = std::move(text);
  if (!std::isfinite(s.span.start) || !std::isfinite(s.span.end)
      || s.span.end <= s.span.start) {
    ++n.times;
    return false;
  }
  if (s.span.start < 0 || (media_seconds > 0 && s.span.end > media_seconds)) {
    ++n.beyond;
    s.span.start = std::max(0.0, s.span.start);
    if (media_seconds > 0)
      s.span.end = std::min(s.span.end, media_seconds);
  }
  return s.span.end > s.span.start;
}

/// Cuts each overlap at the later segment's start. Segments that start together
/// share the time up to the next start equally, so that no text is lost and
/// none moves away from its time.
/// @param segments By start.
/// @return How many segments were changed.
std::size_t part_overlaps(std::vector<heard_segment>& segments) {
  constexpr double together = 0.001; // seconds
  std::size_t changed = 0;
  for (std::size_t i = 0, next = 0; i < segments.size(); i = next) {
    const auto start = segments[i].span.start;
    auto end = segments[i].span.end;
    for (next = i + 1;
         next < segments.size() && segments[next].span.start - start < together;
         ++next)
      end = std::max(end, segments[next].span.end);
    if (next < segments.size())
      end = std::min(end, segments[next].span.start);
    const auto count = next - i;
    const auto share = (end - start) / static_cast<double>(count);
    for (std::size_t k = 0; k < count; ++k) {
      auto& span = segments[i + k].span;
      const media_span fixed{
        start + share * static_cast<double>(k),
        k + 1 == count ? end : start + share * static_cast<double>(k + 1)};
      changed += span != fixed;
      span = fixed;
    }
  }
  return changed;
}

} // namespace

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    auto n = sequence_at(text, i);
    auto byte = static_cast<unsigned char>(text[i]);
    if (n == 0)
      out += "\xEF\xBF\xBD";
    else if (n == 1 && (byte < 0x20 || byte == 0x7F))
      out += ' ';
    else
      out.append(text.substr(i, n));
    i += std::max<std::size_t>(n, 1);
  }
  return out;
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    auto n = sequence_at(text, i);
    if (n == 0)
      return false;
    i += n;
  }
  return true;
}

result<transcript> clean_transcript(const std::vector<transcript>& chunks,
                                    double media_seconds) {
  transcript all;
  counts n;
  for (auto& chunk : chunks) {
    for (auto segment : chunk.segments)
      if (clean(segment, media_seconds, n))
        all.segments.push_back(std::move(segment));
    all.notes.insert(all.notes.end(), chunk.notes.begin(), chunk.notes.end());
  }
  auto& segments = all.segments;
  std::stable_sort(segments.begin(), segments.end(), [](auto& a, auto& b) {
    return a.span.start < b.span.start;
  });
  n.overlaps = part_overlaps(segments);
  n.times += std::erase_if(
    segments, [](auto& each) { return each.span.end <= each.span.start; });
  if (segments.size() > max_segments)
    return fault{fault_code::limit_exceeded,
                 "ASR heard " + std::to_string(segments.size())
                   + " segments; the limit is " + std::to_string(max_segments),
                 0,
                 {}};
  if (segments.empty())
    return fault{fault_code::no_speech,
                 "nothing is said in the source: ASR found no segment",
                 0,
                 {}};
  note(all, n.times, "segments without a usable time were left out");
  note(all, n.beyond, "segments reached beyond the media and were cut");
  note(all, n.empty, "segments without text were left out");
  note(all, n.overlaps,
       "segments overlapped and were cut at the later one's start");
  note(all, n.texts, "texts held invalid characters, which were replaced");
  return all;
}

} // namespace dubber
