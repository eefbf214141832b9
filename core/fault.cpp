#include "core/fault.hpp"

#include <array>
#include <utility>

namespace dubber {

namespace {

constexpr std::array<std::pair<fault_code, std::string_view>, 14> names{{
  {fault_code::unreachable, "unreachable"},
  {fault_code::timeout, "timeout"},
  {fault_code::busy, "busy"},
  {fault_code::server_error, "server_error"},
  {fault_code::bad_answer, "bad_answer"},
  {fault_code::refused, "refused"},
  {fault_code::not_found, "not_found"},
  {fault_code::unsupported, "unsupported"},
  {fault_code::invalid_input, "invalid_input"},
  {fault_code::no_speech, "no_speech"},
  {fault_code::limit_exceeded, "limit_exceeded"},
  {fault_code::disk, "disk"},
  {fault_code::cancelled, "cancelled"},
  {fault_code::internal, "internal"},
}};

} // namespace

std::string_view to_string(fault_code code) {
  for (auto& [value, name] : names)
    if (value == code)
      return name;
  return "internal";
}

std::optional<fault_code> fault_code_from(std::string_view name) {
  for (auto& [value, text] : names)
    if (text == name)
      return value;
  return std::nullopt;
}

bool is_retryable(fault_code code) {
  switch (code) {
  case fault_code::unreachable:
  case fault_code::timeout:
  case fault_code::busy:
  case fault_code::server_error:
  case fault_code::bad_answer:
  case fault_code::disk:
  case fault_code::internal:
    return true;
  default:
    return false;
  }
}

bool blames_service(fault_code code) {
  switch (code) {
  case fault_code::unreachable:
  case fault_code::timeout:
  case fault_code::busy:
  case fault_code::server_error:
  case fault_code::bad_answer:
    return true;
  default:
    return false;
  }
}

bool is_hold(fault_code code) {
  return code == fault_code::disk;
}

} // namespace dubber
