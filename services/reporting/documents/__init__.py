"""A frozen report as an official document (GB/T 9704-2012): one wording, as text, page, PDF, DOCX and XLSX."""
