"""Campaigns: real processes killed at failpoints, again and again, and what is left afterwards."""
