#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dubber {

/// A length of time as settings write it: a whole number and `ms`, `s`, `m`,
/// `h` or `d` ("500ms", "24h"). Nothing when it is anything else or longer than
/// ten years.
std::optional<ms> parse_duration(std::string_view text);

/// The shortest of those forms that keeps the value.
std::string print_duration(ms length);

/// A number of bytes as settings write it: a whole number, or one and `KB`,
/// `MB`, `GB` or `TB` (powers of 1,000). Nothing when it is anything else or
/// more than an exabyte.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// The shortest of those forms that keeps the value.
std::string print_bytes(std::uint64_t bytes);

/// A whole number in [least, most], digits only.
std::optional<std::uint64_t>
parse_whole(std::string_view text, std::uint64_t least, std::uint64_t most);

/// 1 to 64 ASCII letters, digits, '-', '_' or '.'.
bool is_identifier(std::string_view text);

/// An IP address, or `localhost`: what a server can listen on.
bool is_listen_address(const std::string& host);

/// Whether a server that listens there can be reached from this machine only.
bool is_loopback(const std::string& host);

/// Why `url` cannot be a neighbour's base URL (`http://host[:port][/path]`, or
/// https; no user, query or fragment); empty when it can.
std::string service_url_mistake(std::string_view url);

/// The URL with its password, if it has one, as `***`.
std::string masked_url(std::string_view url);

} // namespace dubber
