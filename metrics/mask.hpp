#pragma once

#include <string>
#include <string_view>

namespace dubber {

/// The text without secrets: the password of a URL, the values of parameters
/// that sign or let in (`X-Amz-Signature=`, `token=`, …), and what follows
/// `Bearer` or `Basic` become `***`.
std::string masked(std::string_view text);

} // namespace dubber
