#include "core/languages.hpp"

#include <algorithm>

namespace dubber {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

fault wrong(std::string what) {
  return {fault_code::invalid_input,
          "optionsJson: target_languages " + std::move(what),
          0,
          {}};
}

} // namespace

bool is_language_tag(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '-'
         && std::all_of(text.begin(), text.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9') || c == '-' || c == '_'
                     || c == '+' || c == '.';
            });
}

bool is_same_language(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

result<std::vector<std::string>>
read_languages(const std::string& gateways,
               const std::vector<std::string>& listed) {
  std::vector<std::string> out{gateways};
  for (auto& tag : listed) {
    if (!is_language_tag(tag))
      return wrong("holds \"" + tag.substr(0, 64)
                   + "\", which is no language tag");
    if (std::none_of(out.begin(), out.end(),
                     [&](auto& x) { return is_same_language(x, tag); }))
      out.push_back(tag);
    if (out.size() > max_languages)
      return wrong("names more than " + std::to_string(max_languages)
                   + " languages, with the job's targetLanguage");
  }
  return out;
}

std::vector<std::string> further_languages(const job_options& options) {
  auto& all = options.target_languages;
  return all.empty() ? all
                     : std::vector<std::string>(all.begin() + 1, all.end());
}

std::string voice_for(const job_options& options, const std::string& language) {
  for (auto& [tag, voice] : options.voices)
    if (is_same_language(tag, language))
      return voice;
  return options.voice;
}

} // namespace dubber
