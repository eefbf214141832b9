#include "app/config.hpp"

#include "app/config_platform.hpp"
#include "app/policy_file.hpp"
#include "app/values.hpp"
#include "clients/digest.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <system_error>

namespace dubber {

namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0')
    return "node";
  return name.data();
}

void read_http(settings_reader& read, config& into) {
  if (auto host = read.text("HTTP_HOST"); !host.empty())
    into.http_host = host;
  if (!is_listen_address(into.http_host))
    read.say("HTTP_HOST", "must be an IP address of this machine, such as "
                          "127.0.0.1, 0.0.0.0 or ::1, or localhost");
  read.whole("HTTP_PORT", into.http_port, 0, 65'535);
  into.api_tokens_file = read.text("API_TOKENS_FILE");
  if (into.api_tokens_file.empty())
    return;
  auto loaded = api_tokens::load(into.api_tokens_file);
  if (auto mistakes = std::get_if<std::vector<std::string>>(&loaded))
    for (auto& mistake : *mistakes)
      read.say("API_TOKENS_FILE", mistake);
  else
    into.tokens
      = std::make_shared<api_tokens>(std::move(std::get<api_tokens>(loaded)));
}

void read_definitions(settings_reader& read, config& into) {
  into.pipelines_dir = read.text("PIPELINES_DIR");
  if (into.pipelines_dir.empty())
    return;
  for (auto& mistake : read_pipelines(into.pipelines_dir, into.pipelines))
    read.mistakes.push_back(std::move(mistake));
  into.services = into.pipelines.services;
}

void read_policies(settings_reader& read, config& into) {
  into.policy_file = read.text("POLICY_FILE");
  if (into.policy_file.empty())
    return;
  // Reading a folder as a stream would throw.
  std::error_code missing;
  std::ifstream file;
  if (std::filesystem::is_regular_file(into.policy_file, missing))
    file.open(into.policy_file, std::ios::binary);
  if (!file.is_open())
    return read.say("POLICY_FILE", "is not a file that can be read: "
                                     + into.policy_file.string());
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  into.policy_sha256 = sha256_hex(text);
  for (auto& mistake :
       apply_policy_file(text, into.services, into.max_degraded_ratio))
    read.mistakes.push_back(std::move(mistake));
}

/// The policy file's URL wins over the environment's.
void read_neighbours(settings_reader& read, config& into) {
  struct neighbour {
    const char* variable;
    const char* service;
    std::string& url;
  };
  for (auto& each :
       {neighbour{"API_GATEWAY_URL", "gateway", into.gateway_url},
        neighbour{"ASR_URL", "asr", into.asr_url},
        neighbour{"TRANSLATE_URL", "translate", into.translate_url},
        neighbour{"TTS_URL", "tts", into.tts_url}}) {
    read.service_url(each.variable, each.url);
    auto& urls = into.services.at(each.service).urls;
    if (urls.empty())
      urls = {each.url};
    else
      each.url = urls.front();
  }
}

/// Each service is sure of one call.
void read_open_calls(settings_reader& read, config& into) {
  read.whole("MAX_OPEN_CALLS", into.max_open_calls, into.services.size(),
             100'000);
  std::size_t sum = 0;
  for (auto& [name, policy] : into.services)
    sum += static_cast<std::size_t>(policy.max_concurrent);
  if (sum > into.max_open_calls)
    into.notices.push_back(
      "max_concurrent of all services adds up to " + std::to_string(sum)
      + ", but MAX_OPEN_CALLS allows " + std::to_string(into.max_open_calls)
      + " open calls in all: they share them");
}

} // namespace

environment process_environment() {
  environment env;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    std::string_view entry{*at};
    if (auto sign = entry.find('='); sign != std::string_view::npos)
      env.emplace(entry.substr(0, sign), entry.substr(sign + 1));
  }
  return env;
}

std::variant<config, std::vector<std::string>>
load_policies(const environment& env, const service_policies& before) {
  settings_reader read{env};
  config into;
  into.services = before;
  read_policies(read, into);
  read_neighbours(read, into);
  if (!read.mistakes.empty())
    return std::move(read.mistakes);
  return into;
}

std::variant<config, std::vector<std::string>>
load_config(const environment& env) {
  settings_reader read{env};
  config into;
  read_http(read, into);
  read_storage(read, into);
  read_definitions(read, into);
  read_policies(read, into);
  read_neighbours(read, into);
  read_broker(read, into);
  read_worker(read, into);
  read.duration("DRAIN_TIMEOUT", into.drain_timeout, ms{0});
  read.duration("PARK_TIMEOUT", into.park_timeout, ms{1'000});
  read.duration("HISTORY_RETENTION", into.history_retention, ms{1'000});
  read.duration("ARTIFACT_RETENTION", into.artifact_retention, ms{1'000});
  read.bytes("CACHE_MAX_BYTES", into.cache_max_bytes);
  read.duration("CACHE_MAX_AGE", into.cache_max_age, ms{1'000});
  read_open_calls(read, into);
  read.whole("MAX_OPEN_JOBS", into.max_open_jobs, 1, 10'000'000);
  read.choice("LOG_LEVEL", into.log_level, {"debug", "info", "warn", "error"});
  read.choice("LOG_FORMAT", into.log_format, {"text", "json"});
  into.node_id = read.text("NODE_ID");
  if (into.node_id.empty())
    into.node_id = host_name();
  else if (!is_identifier(into.node_id))
    read.say("NODE_ID", "must be at most 64 letters, digits, '-', '_' or '.'");
  if (!read.mistakes.empty())
    return std::move(read.mistakes);
  return into;
}

} // namespace dubber
