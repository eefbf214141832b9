#include "engines/translate/routes.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace dubber {

namespace {

struct leg {
  const char* from;
  const char* to;
  const char* mode;
};

constexpr std::array legs{
  leg{"en", "es", "eng-spa"}, leg{"en", "ca", "eng-cat"},
  leg{"en", "eo", "en-eo"},   leg{"es", "en", "spa-eng"},
  leg{"ca", "en", "cat-eng"}, leg{"eo", "en", "eo-en"},
  leg{"es", "pt", "es-pt"},   leg{"es", "pt-br", "es-pt_BR"},
  leg{"pt", "es", "pt-es"},   leg{"es", "fr", "es-fr"},
  leg{"fr", "es", "fr-es"},   leg{"es", "it", "spa-ita"},
  leg{"it", "es", "ita-spa"}};

constexpr const char* pivot = "es";

std::string lower_tag(std::string_view tag) {
  std::string out;
  for (char c : tag) {
    auto u = static_cast<unsigned char>(c);
    if (u >= 128 || (!std::isalnum(u) && c != '-' && c != '_'))
      return {};
    out += c == '_' ? '-' : static_cast<char>(std::tolower(u));
  }
  return out;
}

} // namespace

route_table::route_table(std::set<std::string> installed)
  : installed_(std::move(installed)) {
  // nop
}

std::string route_table::direct(const std::string& from,
                                const std::string& to) const {
  for (auto& x : legs)
    if (x.from == from && x.to == to && installed_.contains(x.mode))
      return x.mode;
  return {};
}

std::vector<std::string> route_table::route(const std::string& from,
                                            const std::string& to) const {
  if (auto mode = direct(from, to); !mode.empty())
    return {mode};
  auto first = direct(from, pivot);
  auto second = direct(pivot, to);
  if (from == to || first.empty() || second.empty())
    return {};
  return {first, second};
}

std::vector<std::pair<std::string, std::string>> route_table::pairs() const {
  std::set<std::string> languages;
  for (auto& x : legs) {
    languages.insert(x.from);
    languages.insert(x.to);
  }
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& from : languages)
    for (auto& to : languages)
      if (!route(from, to).empty())
        out.emplace_back(from, to);
  return out;
}

std::vector<std::string> route_table::targets(const std::string& from) const {
  std::vector<std::string> out;
  for (auto& pair : pairs())
    if (pair.first == from)
      out.push_back(pair.second);
  return out;
}

std::vector<std::string> route_table::known_modes() {
  std::vector<std::string> out;
  for (auto& x : legs)
    out.emplace_back(x.mode);
  return out;
}

std::string route_table::normal_language(std::string_view tag) const {
  auto whole = lower_tag(tag);
  for (auto& x : legs)
    if ((x.from == whole || x.to == whole) && installed_.contains(x.mode))
      return whole;
  auto base = whole.substr(0, whole.find('-'));
  bool fits = (base.size() == 2 || base.size() == 3)
              && std::all_of(base.begin(), base.end(),
                             [](char c) { return c >= 'a' && c <= 'z'; });
  return fits ? base : std::string{};
}

} // namespace dubber
