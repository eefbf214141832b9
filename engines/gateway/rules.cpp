#include "engines/gateway/rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace dubber {

std::string upload_name(std::string_view name) {
  name = name.substr(name.find_last_of("/\\") + 1);
  std::string out;
  for (char c : name)
    if (static_cast<unsigned char>(c) >= 32 && c != 127)
      out += c;
  constexpr size_t longest = 200;
  if (out.size() > longest) { // keep the end, whole characters, the extension
    auto at = out.size() - longest;
    while (at < out.size()
           && (static_cast<unsigned char>(out[at]) & 0xC0) == 0x80)
      ++at;
    out.erase(0, at);
  }
  return out == "." || out == ".." ? std::string{} : out;
}

bool video_extension(std::string_view name) {
  auto dot = name.rfind('.');
  if (dot == std::string_view::npos)
    return false;
  std::string end{name.substr(dot + 1)};
  for (auto& c : end)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::array<std::string_view, 6> known{"mp4", "avi", "mkv",
                                                  "mov", "flv", "webm"};
  return std::find(known.begin(), known.end(), end) != known.end();
}

bool safe_key(std::string_view key) {
  return !key.empty() && key[0] != '.' && key.size() <= 255
         && key.find_first_of(std::string_view{"/\\\0", 3})
              == std::string_view::npos;
}

nlohmann::json job_json(const gateway_job& job) {
  auto or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::json{} : nlohmann::json(text);
  };
  return {{"id", job.id},
          {"sourceObjectKey", or_null(job.source_key)},
          {"outputObjectKey", or_null(job.output_key)},
          {"targetLanguage", job.target_language},
          {"optionsJson", job.options_json},
          {"status", job.status},
          {"progress", job.progress},
          {"estimatedTimeRemaining", or_null(job.time_remaining)},
          {"activity", or_null(job.activity)},
          {"createdAt", job.created_at},
          {"updatedAt", job.updated_at}};
}

std::string apply_patch(gateway_job& job, const nlohmann::json& patch) {
  auto text = [&](const char* name, std::string& target) {
    auto at = patch.find(name);
    if (at == patch.end() || at->is_null())
      return true;
    if (!at->is_string())
      return false;
    target = at->get<std::string>();
    return true;
  };
  if (!text("status", job.status)
      || (job.status != "QUEUED" && job.status != "PROCESSING"
          && job.status != "COMPLETED" && job.status != "FAILED"))
    return "No enum constant for status";
  if (!text("outputObjectKey", job.output_key)
      || !text("estimatedTimeRemaining", job.time_remaining)
      || !text("activity", job.activity))
    return "a field has the wrong type";
  if (auto at = patch.find("progress"); at != patch.end() && !at->is_null()) {
    if (!at->is_number_integer() || *at < 0 || *at > 100)
      return "progress is an integer from 0 to 100";
    job.progress = at->get<int>();
  }
  return {};
}

bool plain_host(std::string_view host) {
  constexpr std::string_view also = ".-:[]";
  return !host.empty() && host.size() <= 255
         && std::all_of(host.begin(), host.end(), [&](char c) {
              auto u = static_cast<unsigned char>(c);
              return u < 128
                     && (std::isalnum(u)
                         || also.find(c) != std::string_view::npos);
            });
}

std::string url_encode(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto u = static_cast<unsigned char>(c);
    if (u < 128
        && (std::isalnum(u) || c == '-' || c == '.' || c == '_' || c == '~'))
      out += c;
    else {
      out += '%';
      out += digits[u >> 4];
      out += digits[u & 15];
    }
  }
  return out;
}

} // namespace dubber
