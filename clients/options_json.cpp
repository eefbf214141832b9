/// What the job's owner asks for in the gateway's `optionsJson`.
#include "clients/answers.hpp"
#include "core/languages.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dubber {

using nlohmann::json;

namespace {

/// A voice may be named for more languages than the job has.
constexpr std::size_t most_voices = 200;

/// A list of languages, as it is; nothing when it is something else.
std::optional<std::vector<std::string>> read_list(const json& value) {
  if (!value.is_array()
      || !std::all_of(value.begin(), value.end(),
                      [](auto& x) { return x.is_string(); }))
    return std::nullopt;
  return value.get<std::vector<std::string>>();
}

/// One voice, or one for each language. @returns What is wrong with it.
std::string read_voice(const json& value, job_options& out) {
  auto fits = [](const std::string& voice) {
    return voice.empty() || is_language_tag(voice);
  };
  if (value.is_object())
    for (auto& [language, voice] : value.items()) {
      if (!voice.is_string())
        return "'voice' has the wrong type";
      if (!is_language_tag(language))
        return "voice names what is no language tag";
      out.voices[language] = voice;
      if (!fits(out.voices[language]) || out.voices.size() > most_voices)
        return "voice holds characters that are not allowed, or too many "
               "languages";
    }
  else if (value.is_string())
    out.voice = value;
  else
    return "'voice' has the wrong type";
  return fits(out.voice) ? std::string{}
                         : "voice holds characters that are not allowed";
}

} // namespace

result<job_options> parse_options(const std::string& body,
                                  const std::string& target) {
  job_options out;
  if (body.empty())
    return out;
  fault wrong{fault_code::invalid_input, "", 0, {}};
  auto j = read_json(body);
  if (!j || !j->is_object()) {
    wrong.message = "optionsJson is not a JSON object: " + body.substr(0, 100);
    return wrong;
  }
  for (auto& [key, value] : j->items()) {
    auto type_is = [&](bool fits) {
      if (!fits && wrong.message.empty())
        wrong.message = "optionsJson: '" + key + "' has the wrong type";
      return fits;
    };
    if (key == "source_language" && type_is(value.is_string()))
      out.source_language = value;
    else if (key == "voice") {
      if (auto why = read_voice(value, out);
          !why.empty() && wrong.message.empty())
        wrong.message = "optionsJson: " + why;
    } else if (key == "pipeline" && type_is(value.is_string()))
      out.pipeline = value;
    else if (key == "keep_original" && type_is(value.is_boolean()))
      out.keep_original = value;
    else if (key == "subtitles" && type_is(value.is_boolean()))
      out.subtitles = value;
    else if (key == "priority" && type_is(value.is_number_integer()))
      out.priority = std::clamp(value.get<int>(), -1000, 1000);
    else if (key == "target_languages") {
      auto listed = read_list(value);
      auto all = type_is(listed.has_value())
                   ? read_languages(target, *listed)
                   : result<std::vector<std::string>>{std::vector{target}};
      if (!all && wrong.message.empty())
        wrong.message = all.error().message;
      if (all && all->size() > 1)
        out.target_languages = std::move(*all);
    } else if (wrong.message.empty())
      out.unknown_keys.push_back(key);
  }
  if (wrong.message.empty() && !is_language_tag(out.source_language))
    wrong.message = "optionsJson: source_language is not a language tag";
  if (!wrong.message.empty())
    return wrong;
  return out;
}

} // namespace dubber
