#include "core/subtitles.hpp"

#include "core/transcript.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace dubber {

namespace {

/// Where the code point after the one at `i` starts (valid UTF-8).
std::size_t after(std::string_view s, std::size_t i) {
  do
    ++i;
  while (i < s.size() && (static_cast<unsigned char>(s[i]) & 0xC0u) == 0x80u);
  return i;
}

std::size_t code_points(std::string_view s) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < s.size(); i = after(s, i))
    ++n;
  return n;
}

std::int64_t in_ms(double seconds) {
  return std::llround(seconds * 1000);
}

std::string clock_text(double seconds, char decimal) {
  auto all = static_cast<long long>(in_ms(seconds));
  char out[40];
  std::snprintf(out, sizeof out, "%02lld:%02lld:%02lld%c%03lld",
                all / 3'600'000, all / 60'000 % 60, all / 1000 % 60, decimal,
                all % 1000);
  return out;
}

/// `text` with what is markup to the format replaced.
std::string harmless(std::string_view text, std::string_view lt,
                     std::string_view gt, std::string_view amp,
                     std::string_view brace) {
  std::string out;
  for (char c : text)
    if (c == '<')
      out += lt;
    else if (c == '>')
      out += gt;
    else if (c == '&')
      out += amp;
    else if (c == '{')
      out += brace;
    else
      out += c;
  return out;
}

/// SubRip has no escapes, so look-alikes stand in for `<`, `>` and `{` (which
/// starts a style in many players).
std::string srt_line(std::string_view text) {
  return harmless(text, "\u2039", "\u203A", "&", "(");
}

std::string vtt_line(std::string_view text) {
  return harmless(text, "&lt;", "&gt;", "&amp;", "{");
}

/// One segment's lines over [start, end), both in milliseconds.
void add_cues(std::vector<std::string> lines, std::int64_t start,
              std::int64_t end, std::vector<subtitle_cue>& out) {
  auto per_cue = cue_lines;
  auto cues = (lines.size() + per_cue - 1) / per_cue;
  if (end - start < static_cast<std::int64_t>(cues)) {
    per_cue = lines.size();
    cues = 1;
  }
  std::vector<double> share(cues); // of the text, up to each cue's end
  double all = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    all += static_cast<double>(code_points(lines[i]));
    share[i / per_cue] = all;
  }
  auto from = start;
  for (std::size_t k = 0; k < cues; ++k) {
    // Each cue after this one keeps at least a millisecond.
    auto last = end - static_cast<std::int64_t>(cues - 1 - k);
    auto ideal
      = start + std::llround(static_cast<double>(end - start) * share[k] / all);
    auto to
      = k + 1 == cues ? end : std::clamp<std::int64_t>(ideal, from + 1, last);
    subtitle_cue cue;
    cue.span
      = {static_cast<double>(from) / 1000, static_cast<double>(to) / 1000};
    for (auto i = k * per_cue; i < std::min(lines.size(), (k + 1) * per_cue);
         ++i)
      cue.lines.push_back(std::move(lines[i]));
    out.push_back(std::move(cue));
    from = to;
  }
}

/// What is said in the segment, as far as it is heard.
const std::string& text_of(const merge_piece& piece) {
  static const std::string nothing;
  if (!piece.degraded || !piece.translation.empty())
    return piece.translation;
  return piece.degraded->how == stand_in::original ? piece.text : nothing;
}

} // namespace

std::vector<std::string> break_lines(std::string_view text,
                                     std::size_t columns) {
  const auto clean = to_valid_utf8(text);
  const std::string_view all{clean};
  std::vector<std::string> lines;
  std::size_t used = 0; // code points in the last line
  auto add = [&](std::string_view word, std::size_t n) {
    if (!lines.empty() && used + 1 + n <= columns) {
      lines.back().append(" ").append(word);
      used += 1 + n;
    } else {
      lines.emplace_back(word);
      used = n;
    }
  };
  for (std::size_t i = 0; i < all.size();) {
    if (all[i] == ' ') {
      ++i;
      continue;
    }
    auto begin = i;
    std::size_t n = 0;
    for (; i < all.size() && all[i] != ' ' && n < columns; i = after(all, i))
      ++n;
    add(all.substr(begin, i - begin), n);
  }
  return lines;
}

std::vector<subtitle_cue> make_cues(const std::vector<merge_piece>& pieces,
                                    double seconds) {
  const auto end_of_all = std::isfinite(seconds) ? in_ms(seconds) : 0;
  std::vector<const merge_piece*> order;
  for (auto& p : pieces)
    if (std::isfinite(p.span.start) && std::isfinite(p.span.end)
        && p.span.start < seconds)
      order.push_back(&p);
  std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) {
    return a->span.start < b->span.start;
  });
  std::vector<subtitle_cue> out;
  for (std::size_t i = 0; i < order.size(); ++i) {
    auto start = in_ms(std::max(0.0, order[i]->span.start));
    auto end
      = std::min(in_ms(std::min(order[i]->span.end, seconds)), end_of_all);
    if (i + 1 < order.size())
      end = std::min(end, in_ms(std::max(0.0, order[i + 1]->span.start)));
    auto lines = break_lines(text_of(*order[i]));
    if (end > start && !lines.empty())
      add_cues(std::move(lines), start, end, out);
  }
  return out;
}

std::string to_srt(const std::vector<subtitle_cue>& cues) {
  std::string out;
  std::size_t n = 0;
  for (auto& cue : cues) {
    out += std::to_string(++n) + "\n" + clock_text(cue.span.start, ',')
           + " --> " + clock_text(cue.span.end, ',') + "\n";
    for (auto& line : cue.lines)
      out += srt_line(line) + "\n";
    out += "\n";
  }
  return out;
}

std::string to_vtt(const std::vector<subtitle_cue>& cues) {
  std::string out = "WEBVTT\n\n";
  for (auto& cue : cues) {
    out += clock_text(cue.span.start, '.') + " --> "
           + clock_text(cue.span.end, '.') + "\n";
    for (auto& line : cue.lines)
      out += vtt_line(line) + "\n";
    out += "\n";
  }
  return out;
}

} // namespace dubber
