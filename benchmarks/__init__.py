"""Figures as ratios against a named floor in the same run: machines differ, ratios hardly do."""
