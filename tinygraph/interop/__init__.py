"""What connects tinygraph with other libraries; each part is imported when it is first asked for."""
