"""Who is acting, how they prove it, and what they may do."""
