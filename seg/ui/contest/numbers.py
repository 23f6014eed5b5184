"""Numbers in columns, their decimal points below one another."""

import html


def aligned(number: str, bold: bool = False) -> str:
    """HTML of a number, such as ``0.731``, that ends in room for as many decimals as any beside it has."""
    whole, point, decimals = number.partition(".")
    inner = f'{whole}<span class="decimals">{point}{decimals}</span>'
    return f'<span class="number">{f"<b>{inner}</b>" if bold else inner}</span>'


def table(question: str, heads: list[str], rows: list[tuple], follows: str, elem_id: str = "") -> str:
    """HTML of a table that says in its first line what it answers, and in its last what follows.

    Args:
        question: plain text.
        heads: of the columns, the first one that of the rows' names; plain text.
        rows: HTML of the name and of each cell.
        follows: plain text.
    """
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in heads)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, *cells in rows
    )
    return (
        f'<div class="contest-table"{f" id={elem_id}" if elem_id else ""}><table><caption>{html.escape(question)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{html.escape(follows)}</p></div>"
    )
