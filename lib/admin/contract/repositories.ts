import {
  CreateRepositoryInput,
  FolderInspection,
  InspectFolderInput,
  RepositoryDetail,
  RepositorySummary,
  UpdateRepositoryInput,
} from "@/lib/engine/repositories/schemas";
import { PageInput, page } from "@/lib/engine/schemas";
import { administrators, ById, everyone, Nothing, row } from "./row";

export const repositoriesContract = {
  listRepositories: row({
    method: "GET",
    path: "/repositories",
    summary: "Repositories with their usage.",
    area: "repositories",
    roles: everyone,
    reach: "tenant",
    input: PageInput,
    output: page(RepositorySummary),
  }),
  createRepository: row({
    method: "POST",
    path: "/repositories",
    summary: "Make a repository in a folder of this machine, or attach a folder that is one.",
    area: "repositories",
    roles: administrators,
    input: CreateRepositoryInput,
    output: RepositorySummary,
  }),
  inspectFolder: row({
    method: "GET",
    path: "/repository-folders",
    summary: "What a folder of this machine is: free for a repository, a repository that can be attached, or neither.",
    area: "repositories",
    roles: administrators,
    input: InspectFolderInput,
    output: FolderInspection,
  }),
  getRepository: row({
    method: "GET",
    path: "/repositories/{id}",
    summary: "One repository with its usage over time.",
    area: "repositories",
    roles: everyone,
    reach: "tenant",
    input: ById,
    output: RepositoryDetail,
  }),
  updateRepository: row({
    method: "PATCH",
    path: "/repositories/{id}",
    summary: "Rename a repository.",
    area: "repositories",
    roles: administrators,
    input: UpdateRepositoryInput,
    output: RepositoryDetail,
  }),
  deleteRepository: row({
    method: "DELETE",
    path: "/repositories/{id}",
    summary: "Forget a repository that nothing is in; its folder stays as it is.",
    area: "repositories",
    roles: administrators,
    input: ById,
    output: Nothing,
  }),
} as const;
