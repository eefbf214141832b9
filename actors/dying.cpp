#include "actors/dying.hpp"

#include "actors/actors.hpp"

namespace dubber {

namespace {

/// The number that `get` reads off the first element, if that is a T.
template <class T, class F>
std::optional<std::uint64_t> read(const caf::type_erased_tuple& x, F get) {
  if (x.empty() || !x.match_element<T>(0))
    return std::nullopt;
  return get(x.get_as<T>(0));
}

/// All of a batch are about one job, or nobody knows which it was.
std::uint64_t job_of_batch(const append_batch& x) {
  std::uint64_t out = 0;
  for (auto& item : *x.items) {
    auto job_no = item.what ? item.what->job_no : 0;
    if (out != 0 && out != job_no)
      return 0;
    out = job_no;
  }
  return out;
}

} // namespace

std::string text_of(const std::exception_ptr& x) {
  try {
    std::rethrow_exception(x);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an unknown exception";
  }
}

std::uint64_t job_of(const caf::mailbox_element* message) {
  if (!message)
    return 0;
  auto& x = message->content();
  auto number = [](auto& of) {
    return of.job_no;
  };
  auto tickets = [](auto& of) {
    return of.who.job_no;
  };
  for (auto found : {
         read<permit_request>(x, tickets),
         read<cache_ask>(x, [](auto& of) { return of.order->job_no; }),
         read<cache_filled>(x, [](auto& of) { return of.what->job_no; }),
         read<permit_end>(x, tickets),
         read<progress_report>(x, number),
         read<owed_report>(x, number),
         read<gateway_answered>(x, number),
         read<permit_granted>(x, number),
         read<load_history>(x, number),
         read<job_news>(x, [](auto& of) { return of.row->job_no; }),
         read<append_request>(
           x, [](auto& of) { return of.what ? of.what->job_no : 0; }),
         read<append_batch>(x, job_of_batch),
       })
    if (found)
      return *found;
  if (x.match_elements<atom::withdraw, ticket>())
    return x.get_as<ticket>(1).job_no;
  if (x.match_elements<atom::tick, std::uint64_t, std::uint64_t>())
    return x.get_as<std::uint64_t>(1); // a job's timer at the reporter
  return 0;
}

} // namespace dubber
