# A place for copies of what cannot be fetched again: the archive's files, with every page that was accepted, as it came. Nothing
# copies them here yet: whoever wants a copy makes it with a tool of their own (docs/guides/terraform.md). Nothing here expires.
resource "digitalocean_spaces_bucket" "archive" {
  name   = var.bucket
  region = var.region
  acl    = "private"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    id                                     = "deleted-and-replaced"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 1

    noncurrent_version_expiration {
      days = var.keep_deleted_days
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "digitalocean_spaces_key" "archive" {
  name = var.bucket

  grant {
    bucket     = digitalocean_spaces_bucket.archive.name
    permission = "readwrite"
  }
}
