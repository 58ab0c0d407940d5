"""The training report: one HTML file beside each model, made of what its training wrote down."""

from scripts.report.writing import report_path, write_report

__all__ = ["report_path", "write_report"]
