#pragma once
// Result<T>: a value, or what the world refused. For what cannot be, use assert.

#include <cassert>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace kindred {

/// What went wrong, enough for one line on standard error: "unable to OPERATION OBJECT: text(code)".
struct Error {
  int code = 0;           ///< an errno value; 0 when `operation` says it all
  std::string operation;  ///< "open", "lock", "chdir to" …
  std::string object;     ///< the path or name, as the user knows it
};

[[nodiscard]] inline Error error_here(std::string_view operation, std::string_view object, int code = errno) {
  return Error{code, std::string(operation), std::string(object)};
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() { return *std::get_if<0>(&state_); }
  const T& operator*() const { return *std::get_if<0>(&state_); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  const Error& error() const {
    assert(state_.index() == 1);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;
[[nodiscard]] inline Status ok() { return Done{}; }

}  // namespace kindred
