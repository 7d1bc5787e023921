"""Small files as Online Retail and its copies are, with what the tests change in them."""

from datetime import UTC, datetime

import openpyxl

ONE = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
TWO = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")
AT = datetime(2010, 12, 13, 8, 26, tzinfo=UTC)


def row(date="12/13/2010 8:26", **fields):
    usual = {"invoice": "536365", "code": "85123A", "name": "£1 T-LIGHT", "quantity": "6", "price": "2.55"}
    one = usual | {"customer": "17850.0", "country": "United Kingdom"} | fields
    return [
        one["invoice"],
        one["code"],
        one["name"],
        one["quantity"],
        date,
        one["price"],
        one["customer"],
        one["country"],
    ]


def text(*rows, header=ONE, separator=","):
    quoted = [[f'"{cell}"' if separator in cell else cell for cell in one] for one in (header, *rows)]
    return "\r\n".join(separator.join(one) for one in quoted) + "\r\n"


def workbook(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Year {2009 + number}")
        for one in rows:
            sheet.append(one)
    book.save(path)
    return path


CELLS = [536365, "85123A", "T-LIGHT", 6, datetime(2010, 12, 13, 8, 26), 3.39, 17850.0, "UK"]
