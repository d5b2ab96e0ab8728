-- Where RAW is kept when it has dropped a page: what the fetcher announced of its archive files.
create table archive_file (
    epoch        bigint not null, -- of RAW, in ms since 1970
    first        bigint not null, -- sequences of RAW, both included
    last         bigint not null check (last >= first),
    file         text not null,
    captures     bigint not null,
    bytes        bigint not null,
    sha256       text not null,
    announced_at timestamptz not null,
    primary key (epoch, first)
);
