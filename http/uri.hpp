#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// The parts of "/jobs/1/segments", percent-decoded; an encoded slash belongs
/// to its part. Nothing when an escape is malformed or the path does not begin
/// with a slash.
std::optional<std::vector<std::string>> path_parts(std::string_view path);

/// Fields of a query string, percent-decoded, '+' is a space; what is not a
/// proper escape stays as it is; the last of equal names wins.
std::map<std::string, std::string> parse_query(std::string_view query);

} // namespace dubber
