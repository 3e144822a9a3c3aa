#pragma once
/// What anonidentd answers to a request line: which user it is is nobody's business.
///
///   "6193, 23"  ->  "6193 , 23 : ERROR : HIDDEN-USER"
///   any other   ->  "0 , 0 : ERROR : INVALID-PORT"
///
/// A request is two port numbers from 1 to 65535 with a comma between them; blanks are allowed around each.
/// Source: RFC 1413; interfaces/freedt.md section 6.3.

#include <string>
#include <string_view>

namespace kindred::freedt {

/// `line` without its end of line; the answer likewise.
[[nodiscard]] std::string ident_answer(std::string_view line);

}  // namespace kindred::freedt
