#include "clients/celery/task_state.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>

namespace dubber {

namespace {

using nlohmann::json;

constexpr std::size_t longest_message = 500;
constexpr std::size_t longest_key = 1'024; ///< of an object, as S3 has it

/// One line for people. What the worker says may be anything.
std::string sentence(std::string text) {
  if (text.size() > longest_message) {
    auto end = longest_message;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end; // not within a letter
    text = text.substr(0, end) + "...";
  }
  std::replace_if(
    text.begin(), text.end(),
    [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; },
    ' ');
  return text;
}

std::string text_of(const json& j) {
  return j.is_string() ? j.get<std::string>()
                       : j.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What a worker's exception was made with.
struct exception {
  std::string type;
  std::vector<json> args;

  std::string text(std::size_t i) const {
    return i < args.size() ? text_of(args[i]) : std::string{};
  }
  std::string all() const {
    std::string out;
    for (auto& each : args)
      out += (out.empty() ? "" : ", ") + text_of(each);
    return out;
  }
};

exception exception_in(const json& result) {
  exception out;
  if (!result.is_object())
    return {"an exception without a name", {result}};
  auto type = result.find("exc_type");
  out.type = type != result.end() ? text_of(*type) : "an exception";
  auto said = result.find("exc_message");
  if (said == result.end() || said->is_null())
    return out;
  if (said->is_array())
    out.args.assign(said->begin(), said->end());
  else
    out.args = {*said};
  return out;
}

fault as(fault_code code, const std::string& text) {
  return {code, sentence(text), 0, {}};
}

bool is_no_room(const exception& x) {
  if (x.type != "OSError" || x.args.empty() || !x.args[0].is_number_integer())
    return x.type == "DiskFull";
  auto number = x.args[0].get<int>();
  return number == ENOSPC || number == EDQUOT || number == EROFS;
}

fault fault_of(const exception& x) {
  auto is = [&](std::initializer_list<const char*> names) {
    return std::find(names.begin(), names.end(), x.type) != names.end();
  };
  if (is({"InvalidInput", "ValueError"}))
    return as(fault_code::invalid_input, x.all());
  if (is({"LimitExceeded"}))
    return as(fault_code::limit_exceeded, x.all());
  if (is({"NotFound"})) {
    auto out = as(fault_code::not_found, x.text(0));
    out.subject = x.text(1);
    return out;
  }
  if (is({"NotRegistered"}))
    return as(fault_code::refused,
              "the media worker does not know the task " + x.text(0));
  if (is({"TypeError"}) && x.text(0).find("argument") != std::string::npos)
    return as(fault_code::refused,
              "the media worker's task takes other arguments: " + x.text(0));
  if (is({"EncodeError"}))
    return as(fault_code::refused,
              "the media worker's result is not JSON: " + x.text(0));
  if (is_no_room(x))
    return as(fault_code::disk, "the media worker has no room: " + x.all());
  if (is({"SoftTimeLimitExceeded", "TimeLimitExceeded"}))
    return as(fault_code::timeout,
              "the media worker has ended the task at its time limit");
  auto said = x.all();
  return as(fault_code::server_error,
            "the media worker: " + x.type + (said.empty() ? "" : ": " + said));
}

fault revoked(const exception& x) {
  auto how = x.text(0);
  if (how == "expired")
    return as(fault_code::timeout,
              "no media worker has begun the task before its deadline");
  return as(fault_code::server_error,
            "the task was revoked (" + (how.empty() ? "revoked" : how) + ")");
}

bool is_sha256(const std::string& text) {
  return text.size() == 64
         && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

result<media_file> file_in(const json& j) {
  try {
    media_file out;
    out.key = j.at("key");
    out.sha256 = j.at("sha256");
    out.seconds = j.at("seconds");
    auto& bytes = j.at("bytes");
    if (out.key.size() <= longest_key && is_sha256(out.sha256)
        && bytes.is_number_unsigned() && std::isfinite(out.seconds)
        && out.seconds >= 0) {
      out.bytes = bytes;
      out.picture = j.value("picture", "");
      for (auto& [name, to] : {std::pair{"loudness_lkfs", &out.loudness_lkfs},
                               std::pair{"true_peak_db", &out.true_peak_db}})
        if (auto i = j.find(name); i != j.end() && i->is_number())
          *to = i->get<double>();
      return out;
    }
  } catch (const json::exception&) {
    // said below
  }
  return as(fault_code::bad_answer,
            "the media worker's result is not {key, sha256, bytes, seconds}: "
              + text_of(j));
}

} // namespace

task_state read_task_state(std::string_view text) {
  auto j = json::parse(text, nullptr, false);
  auto status = j.is_object() ? j.find("status") : j.end();
  if (!j.is_object() || status == j.end() || !status->is_string())
    return {task_news::failed,
            as(fault_code::bad_answer, "the task's state cannot be read")};
  auto found = j.find("result");
  const auto said = found == j.end() ? json{} : *found;
  if (*status == "SUCCESS") {
    auto file = file_in(said);
    auto news = file ? task_news::done : task_news::failed;
    return {news, std::move(file)};
  }
  if (*status == "FAILURE")
    return {task_news::failed, fault_of(exception_in(said))};
  if (*status == "REVOKED")
    return {task_news::failed, revoked(exception_in(said))};
  return {task_news::running, fault{}};
}

std::string task_id_in(std::string_view text) {
  auto j = json::parse(text, nullptr, false);
  auto id = j.is_object() ? j.find("task_id") : j.end();
  return j.is_object() && id != j.end() && id->is_string()
           ? id->get<std::string>()
           : std::string{};
}

} // namespace dubber
