"""What outlives a run of the program: patients and visits, forecasts, cases as files, drafts."""
