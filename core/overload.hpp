#pragma once

namespace dubber {

/// Builds one visitor for `std::visit` from several lambdas.
template <class... Fs>
struct overload : Fs... {
  using Fs::operator()...;
};

template <class... Fs>
overload(Fs...) -> overload<Fs...>;

} // namespace dubber
