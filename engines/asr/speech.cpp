#include "engines/asr/speech.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace dubber {

namespace {

constexpr size_t step = asr_rate / 100;
constexpr size_t join_steps = 35;
constexpr size_t least_steps = 10;
constexpr size_t pad_before = 20;
constexpr size_t pad_after = 25;
constexpr size_t most_steps = 2000;
constexpr double silence_db = 20; // of one sample unit: digital silence, hiss
constexpr double split_gap = 0.20;
constexpr double merge_gap = 1.5;
constexpr double shortest = 1.0;
constexpr double longest = 12.0;

std::vector<double> levels_of(const std::vector<int16_t>& samples) {
  std::vector<double> out(samples.size() / step);
  for (size_t i = 0; i < out.size(); ++i) {
    double sum = 0;
    for (size_t k = i * step; k < (i + 1) * step; ++k)
      sum += double(samples[k]) * samples[k];
    out[i] = 10 * std::log10(sum / step + 1e-3);
  }
  return out;
}

/// Cuts at the quietest step of the second half until nothing is too long.
void cut(size_t begin, size_t end, const std::vector<double>& levels,
         std::vector<sample_span>& out) {
  while (end - begin > most_steps) {
    auto first = levels.begin() + static_cast<long>(begin + most_steps / 2);
    auto last = levels.begin() + static_cast<long>(begin + most_steps);
    auto at
      = static_cast<size_t>(std::min_element(first, last) - levels.begin());
    out.push_back({begin * step, at * step});
    begin = at;
  }
  out.push_back({begin * step, end * step});
}

using segments = std::vector<std::vector<heard_word>>;

double length(const std::vector<heard_word>& words) {
  return words.back().end - words.front().start;
}

/// Splits at the largest gap until nothing is too long.
void shorten(std::vector<heard_word> words, segments& out) {
  while (words.size() > 1 && length(words) > longest) {
    size_t at = 1;
    for (size_t i = 1; i < words.size(); ++i)
      if (words[i].start - words[i - 1].end
          > words[at].start - words[at - 1].end)
        at = i;
    auto middle = words.begin() + static_cast<long>(at);
    shorten({words.begin(), middle}, out);
    words.erase(words.begin(), middle);
  }
  out.push_back(std::move(words));
}

bool fits(const std::vector<heard_word>& a, const std::vector<heard_word>& b) {
  return b.front().start - a.back().end <= merge_gap
         && b.back().end - a.front().start <= longest;
}

char upper(char c) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
}

bool is_title(const std::string& word) {
  return word == "mr" || word == "mrs" || word == "ms" || word == "dr";
}

} // namespace

std::vector<sample_span> find_speech(const std::vector<int16_t>& samples) {
  auto levels = levels_of(samples);
  if (levels.empty())
    return {};
  auto sorted = levels;
  std::sort(sorted.begin(), sorted.end());
  auto low = std::max(sorted[sorted.size() / 20], silence_db - 10);
  auto high = sorted[sorted.size() * 19 / 20];
  // A block that is nearly all silence has its speech above the 95 % mark.
  high = std::max(high, sorted[sorted.size() - 1] - 15);
  if (high < silence_db)
    return {};
  auto threshold = low + 0.3 * (high - low);
  std::vector<sample_span> raw;
  for (size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] < threshold)
      continue;
    if (!raw.empty() && i - raw.back().end < join_steps)
      raw.back().end = i + 1;
    else
      raw.push_back({i, i + 1});
  }
  std::erase_if(raw, [](auto& s) { return s.end - s.begin < least_steps; });
  std::vector<sample_span> out;
  size_t before = 0;
  for (auto& s : raw) {
    auto begin = std::max(before, s.begin - std::min(s.begin, pad_before));
    auto end = std::min(levels.size(), s.end + pad_after);
    cut(begin, end, levels, out);
    before = end;
  }
  return out;
}

std::string tidy(const std::vector<heard_word>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    auto spelled = [&](size_t k) {
      auto& w = words[k].text;
      return w.size() == 1 && w != "a" && w != "i";
    };
    auto word = words[i].text;
    if (spelled(i) && i + 1 < words.size() && spelled(i + 1)) {
      for (++i; i < words.size() && spelled(i); ++i)
        word += words[i].text;
      --i;
      for (auto& c : word)
        c = upper(c);
    } else if (word == "i" || word.starts_with("i'") || is_title(word))
      word[0] = upper(word[0]);
    out += (out.empty() ? "" : " ") + word;
  }
  if (out.empty())
    return out;
  out[0] = upper(out[0]);
  return out.ends_with('.') ? out : out + '.';
}

std::vector<heard_segment> make_segments(const std::vector<heard_word>& words) {
  segments split;
  for (auto& word : words) {
    if (split.empty() || word.start - split.back().back().end >= split_gap)
      split.emplace_back();
    split.back().push_back(word);
  }
  segments parts;
  for (auto& part : split)
    shorten(std::move(part), parts);
  segments merged;
  for (auto& part : parts) {
    bool fragment = length(part) < shortest
                    || (!merged.empty() && length(merged.back()) < shortest);
    if (fragment && !merged.empty() && fits(merged.back(), part))
      merged.back().insert(merged.back().end(), part.begin(), part.end());
    else
      merged.push_back(std::move(part));
  }
  std::vector<heard_segment> out;
  for (auto& part : merged)
    out.push_back({part.front().start, part.back().end, tidy(part), part});
  return out;
}

} // namespace dubber
